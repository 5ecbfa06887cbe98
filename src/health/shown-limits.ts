/** How far back the page looks. All of it is in the ledger; a page without end would be read by nobody. */
export const shownLimits = {
  historyDays: 90,
  incidentDays: 366,
  incidents: 50,
  points: 400,
  backups: 100,
  attempts: 20,
  restoreTests: 36,
  tables: 200,
} as const;
