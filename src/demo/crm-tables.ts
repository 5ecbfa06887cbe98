import { activityColumns, activityRows } from './activity-rows.ts';
import { invoiceColumns, invoiceLineRows, invoiceRows } from './billing-rows.ts';
import { companyCount, companyRows } from './customers.ts';
import { documentColumns, documentRows } from './document-rows.ts';
import { enquiryColumns, enquiryRows } from './enquiry-rows.ts';
import { hourlyRateRows, metricRows, reportRows, settingRows } from './odd-rows.ts';
import { backupRows, staffColumns, staffCount, staffRows, taggingRows, tagRows } from './office-rows.ts';
import { Random } from './random.ts';
import { type Timeline, timestampText } from './timeline.ts';

interface CrmTable {
  /** What follows COPY: the table, with columns where some are generated. */
  readonly target: string;
  readonly partitioned: boolean;
  /** Generated as they are read, so they can be read once. */
  readonly rows: Iterable<string>;
}

/** Every table of the CRM with its rows as COPY text, in the order to load them. */
export function crmTables(options: { seed: number; enquiries: number; timeline: Timeline }): CrmTable[] {
  const { seed, enquiries, timeline } = options;
  const staff = staffCount(enquiries);
  const scale = { enquiries, staff, timeline };
  const random = (stream: string) => new Random(seed, stream);
  const opened = timestampText(timeline.startUs);
  const table = (target: string, rows: Iterable<string>): CrmTable => ({ target, partitioned: false, rows });
  return [
    table(`public.staff (${staffColumns})`, staffRows(random('staff'), staff, timeline)),
    table('public."Company"', companyRows(random('companies'), companyCount(enquiries), opened)),
    table('public."Tag"', tagRows(random('tags'))),
    table('public.settings', settingRows(opened)),
    table('public.metrics', metricRows()),
    table(`public."Report / Archiv 'alt' 📦"`, reportRows()),
    table('billing.hourly_rates', hourlyRateRows()),
    table('public.backups', backupRows(random('backups'), scale)),
    table(`public.enquiries (${enquiryColumns})`, enquiryRows(random('enquiries'), scale)),
    table('public."_EnquiryToTag"', taggingRows(random('taggings'), enquiries)),
    {
      target: `public.activity_log (${activityColumns})`,
      partitioned: true,
      rows: activityRows(random('activities'), scale),
    },
    table(`public.documents (${documentColumns})`, documentRows(random('documents'), scale)),
    table(
      `billing.invoices (${invoiceColumns})`,
      invoiceRows(random('invoices'), random('invoice dates'), scale),
    ),
    table('billing.invoice_lines', invoiceLineRows(random('invoices'), enquiries)),
  ];
}
