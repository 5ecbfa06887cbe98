/** What customers write, by language. Plain text: whoever puts it into a row escapes it once, at load. */
export interface Language {
  readonly code: string;
  readonly country: string;
  readonly firstNames: readonly string[];
  readonly lastNames: readonly string[];
  readonly cities: readonly string[];
  readonly greetings: readonly string[];
  readonly wishes: readonly string[];
  readonly parts: readonly string[];
  readonly times: readonly string[];
  readonly closings: readonly string[];
}

const list = (text: string) => text.split('|');

export const languages: readonly Language[] = [
  {
    code: 'de',
    country: 'DE',
    firstNames: list('Jürgen|Änne|Sönke|Katrin|Ömer|Lieselotte|Björn|Friederike|Uwe|Zoë|Mehmet|Hans-Jörg'),
    lastNames: list(
      'Müller|Groß|Schäfer|von der Heide|Köhler|Yıldız|Weiß|Jäger|Öztürk|Krüger|Meyer-Lüdenscheidt',
    ),
    cities: list('Lübeck|Köln|Görlitz|Gießen|Düsseldorf|Bad Tölz|Halle (Saale)'),
    greetings: list('Sehr geehrte Damen und Herren|Moin moin|Guten Tag|Hallo zusammen 👋|Grüß Gott'),
    wishes: list(
      'wir möchten unsere Küche erneuern lassen|unsere alte Haustür schließt nicht mehr|ich hätte gern ein Angebot über „Einbauschränke“|die Fenster im Erdgeschoß sind undicht|könnten Sie bitte die Treppe aufmessen|für unser Büro suchen wir höhenverstellbare Tische',
    ),
    parts: list(
      'Schublade|Eiche massiv|Türblatt|Arbeitsplatte|Scharnier|Griff „Sylt“|Fensterbank|Regalböden|Nußbaum furniert|Sockelleiste|Glastür|Beschläge',
    ),
    times: list('bis Weihnachten|möglichst bald|nach den Sommerferien|im März|sobald es paßt|vor dem Umzug'),
    closings: list(
      'Mit freundlichen Grüßen|Viele Grüße\naus dem Norden|Herzlichst|MfG|Schöne Grüße 🙂|Danke & bis bald',
    ),
  },
  {
    code: 'en',
    country: 'GB',
    firstNames: list('Siobhán|Oliver|Grace|D’Arcy|Noor|Callum|Beatrix|Wei|Priya|Joe'),
    lastNames: list("O'Brien|Smith|Fitz-Gerald|MacLeod|Patel|St. John|Nguyen|Jones|Okonkwo|Null"),
    cities: list('Leeds|Stow-on-the-Wold|Aberdeen|St Ives|Cardiff|Londonderry'),
    greetings: list('Dear Sir or Madam|Hi there|Hello|Good morning|To whom it may concern'),
    wishes: list(
      'we are looking for someone to build "a proper" bookcase|our sash windows won\'t open any more|please quote for a fitted wardrobe|the stairs creak & need new treads|could you restore a table from c. 1890|I saw your stand and loved the oak kitchen',
    ),
    parts: list(
      'drawer|solid oak|door leaf|worktop, 40 mm|hinge|brass handle|window sill|shelf|walnut veneer|skirting|glass door|mortise lock',
    ),
    times: list('by Christmas|as soon as you can|after the holidays|in March|no rush at all|before we move'),
    closings: list('Kind regards|Many thanks\n\tSent from my phone|Best|Cheers 🍻|Yours faithfully|Ta'),
  },
  {
    code: 'fr',
    country: 'FR',
    firstNames: list('Éloïse|François|Anaïs|Jérôme|Maëlle|Noël|Inès|Benoît'),
    lastNames: list("D'Aubigné|Lefèvre|Bœuf|L'Hôte|Garçon|Dupont|Müller|Saint-Exupéry"),
    cities: list('Besançon|Nîmes|Saint-Étienne|L’Haÿ-les-Roses|Orléans'),
    greetings: list('Madame, Monsieur|Bonjour|Bonsoir à tous|Cher atelier'),
    wishes: list(
      'nous souhaitons rénover la cuisine de notre gîte|pourriez-vous nous envoyer un devis|la porte d’entrée « coince » depuis l’hiver|il nous faut un escalier sur mesure|ma mère cherche une armoire à l’ancienne',
    ),
    parts: list(
      'tiroir|chêne massif|plan de travail|charnière|poignée|étagère|noyer|plinthe|porte vitrée|façade laquée',
    ),
    times: list('avant Noël|dès que possible|après l’été|au mois de mars|sans urgence'),
    closings: list('Cordialement|Bien à vous|Merci d’avance !|Salutations distinguées\n—'),
  },
  {
    code: 'pl',
    country: 'PL',
    firstNames: list('Łukasz|Małgorzata|Świętosława|Grzegorz|Żaneta|Paweł'),
    lastNames: list('Wiśniewski|Brzęczyszczykiewicz|Dąbrowska|Żuk|Kołodziej'),
    cities: list('Łódź|Wrocław|Gdańsk|Świnoujście'),
    greetings: list('Dzień dobry|Szanowni Państwo|Cześć'),
    wishes: list(
      'proszę o wycenę zabudowy kuchennej|szukamy stolarza do schodów dębowych|drzwi wejściowe są nieszczelne|chcielibyśmy zamówić szafę',
    ),
    parts: list('szuflada|lity dąb|zawias|uchwyt|półka|orzech|listwa|blat'),
    times: list('przed świętami|jak najszybciej|po wakacjach|w marcu'),
    closings: list('Pozdrawiam|Z poważaniem|Dziękuję 🙏'),
  },
  {
    code: 'ja',
    country: 'JP',
    firstNames: list('さくら|健太|美咲|翔|陽子'),
    lastNames: list('田中|佐藤|髙橋|渡邊|𠮷田'),
    cities: list('札幌市|京都市|渋谷区'),
    greetings: list('お世話になっております|はじめまして|こんにちは'),
    wishes: list(
      'キッチンの改装をお願いしたいです|オーダー家具の見積もりをください|窓枠の修理は可能でしょうか',
    ),
    parts: list('引き出し|無垢材|蝶番|取っ手|棚板|ガラス扉'),
    times: list('年内に|できるだけ早く|来年三月に|急ぎません'),
    closings: list('よろしくお願いいたします。|敬具|ありがとうございます🙇'),
  },
];

export const companyStems = list(
  'Nordlicht|Müller & Söhne|O\'Brien|Café "Zur Post"|Hof\\Gut|Łąka|Éclair|さくら|Blue Heron|Æther|Weiß + Partner|Ångström|Two  Spaces|100 % Holz',
);
export const companyForms = list('GmbH|GmbH & Co. KG|Ltd.|S.à r.l.|AG|e.V.|sp. z o.o.|株式会社|LLP|Inc.');

/** Messages that broke some system once: markers of COPY itself, markup, right-to-left, composed and not. */
export const awkwardMessages: readonly string[] = [
  '',
  ' ',
  '\\N',
  '\\.',
  'NULL',
  '\r\n.\r\n',
  'See C:\\Users\\Jörg\\new\\table.pdf\ttab\there',
  "Robert'); DROP TABLE enquiries;--",
  '<script>alert("1 & 2")</script>',
  'שלום, אנחנו צריכים דלת חדשה 123 — مرحبا',
  'e\u0301 is not é, \u00a0is not a space, and \u200b is nothing',
  '👩‍👩‍👧‍👦 🏴‍☠️ ¯\\_(ツ)_/¯ 𝕳𝖔𝖑𝖟',
  'control \u0001 \u0007 \u001b[31mred\u001b[0m \u007f',
  '$$ $1 $HOME %s %(name)s {{ handlebars }} `backtick`',
];
