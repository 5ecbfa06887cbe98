/** What a person finds who opens the branch of a ledger. */
export const branchReadme = `# Holdfast's ledger

The history of every backup, verification and restore test: what was attempted, when, and what came of it. A file per
month, a line per attempt (NDJSON). Holdfast appends to it through GitHub's API; the status page is made of it.

It holds no names, hosts or rows of any database, and no secrets.

Please change nothing here by hand. Lines that are lost can be made again from the receipts in the stores, as far as
they are about backups: \`holdfast ledger rebuild\`.

This branch shares no history with the code. Do not merge it; exempt it from branch protection, so that it can be
written to.
`;
