import type { Config } from './config/schema.ts';

/** `strategy.matrix` of a workflow: one job per database. Names and thresholds only, since a job log shows it. */
export interface Matrix {
  include: {
    database: string;
    source: 'postgres' | 'crm-api';
    stores: string[];
    lateAfterHours: number;
    criticalAfterHours: number;
    restoreTestAfterDays: number;
    verifyAfterDays: number;
  }[];
}

export function matrixOf({ databases, stores, health }: Config): Matrix {
  return {
    include: Object.entries(databases).map(([database, settings]) => ({
      database,
      source: settings.source,
      stores: settings.stores ?? Object.keys(stores),
      lateAfterHours: settings.health?.lateAfterHours ?? health.lateAfterHours,
      criticalAfterHours: settings.health?.criticalAfterHours ?? health.criticalAfterHours,
      restoreTestAfterDays: settings.health?.restoreTestAfterDays ?? health.restoreTestAfterDays,
      verifyAfterDays: settings.health?.verifyAfterDays ?? health.verifyAfterDays,
    })),
  };
}
