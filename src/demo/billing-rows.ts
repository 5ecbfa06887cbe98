import { speakerOfEnquiry } from './customers.ts';
import { partText } from './messages.ts';
import type { Random } from './random.ts';
import { dateText, moneyText, type Timeline, timestampText } from './timeline.ts';

export const invoiceColumns = 'id, invoice_no, enquiry_id, net, currency, service_period, issued_on, paid_at';

const currencies = ['EUR', 'EUR', 'EUR', 'CHF', 'GBP', 'PLN'];
const dayUs = 86_400_000_000;

interface Invoice {
  readonly id: number;
  readonly enquiry: number;
  readonly netCents: number;
  readonly lines: readonly string[];
}

/**
 * Every eighth enquiry became an invoice. The two tables are written one after the other, so each walks through the
 * same invoices again: give both a `Random` of the same seed and stream, and the sums agree.
 */
function* invoices(random: Random, enquiries: number): Generator<Invoice> {
  for (let id = 1; id * 8 <= enquiries; id++) {
    let netCents = 0;
    const lines: string[] = [];
    for (let count = 1 + random.below(4); count > 0; count--) {
      const quantity = 1 + random.below(12);
      const priceCents = 500 + random.below(150_000);
      netCents += quantity * priceCents;
      lines.push(`${partText(random, speakerOfEnquiry(id * 8))}\t${quantity}\t${moneyText(priceCents)}`);
    }
    yield { id, enquiry: id * 8, netCents, lines };
  }
}

/** Rows of `billing.invoices`; what they draw beyond the invoice itself comes from `random`. */
export function* invoiceRows(
  sameAsLines: Random,
  random: Random,
  options: { enquiries: number; timeline: Timeline },
): Generator<string> {
  const { enquiries, timeline } = options;
  for (const { id, enquiry, netCents } of invoices(sameAsLines, enquiries)) {
    const issuedUs = timeline.enquiryUs(enquiry);
    const number = `${dateText(issuedUs).slice(0, 4)}/${String(id).padStart(7, '0')}`;
    const until = random.chance(0.1) ? '' : dateText(issuedUs + random.below(30) * dayUs);
    const paidUs = issuedUs + Math.floor((timeline.nowUs - issuedUs) * random.fraction());
    const paid = random.chance(0.2) ? '\\N' : timestampText(paidUs);
    yield `${id}\t${number}\t${enquiry}\t${moneyText(netCents)}\t${random.pick(currencies)}\t[${dateText(
      issuedUs,
    )},${until})\t${dateText(issuedUs)}\t${paid}\n`;
  }
}

/** Rows of `billing.invoice_lines`: invoice_id, line_no, text, quantity, unit_price. */
export function* invoiceLineRows(sameAsInvoices: Random, enquiries: number): Generator<string> {
  for (const { id, lines } of invoices(sameAsInvoices, enquiries)) {
    for (const [place, line] of lines.entries()) yield `${id}\t${place + 1}\t${line}\n`;
  }
}
