/** What a CRM needs, in one import: docs/crm.md shows where each goes. */
export type { AuditEvent } from './audit.ts';
export { createCronRoute } from './cron-route.ts';
export { createBackupEndpoint } from './endpoint.ts';
export { migrate, migrationSql } from './migration.ts';
export type { EndpointOptions } from './options.ts';
