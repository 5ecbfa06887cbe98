/** The layers of src/README.md as rules: arrows point one way. */

const stages =
  '^src/(source|dump|archive|store|ledger|health|retention|restore|export|scratch|notify|doctor|init|github|crm)/';
const verbs = '^src/[^/]+\\.ts$';
const faces = '^src/(cli|actions)/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'lib-is-the-bottom',
      comment: 'lib knows nothing of the rest',
      severity: 'error',
      from: { path: '^src/lib/' },
      to: { path: '^src/', pathNot: '^src/lib/' },
    },
    {
      name: 'stages-import-no-verb',
      comment: 'deps.ts is the one file beside the verbs that stages may take types from',
      severity: 'error',
      from: { path: stages },
      to: { path: verbs, pathNot: '^src/deps\\.ts$' },
    },
    { name: 'only-faces-import-faces', severity: 'error', from: { pathNot: faces }, to: { path: faces } },
    {
      name: 'pipeline-points-backwards',
      comment:
        'source → dump → archive → stores → ledger → health: a later stage may use an earlier one, never the reverse',
      severity: 'error',
      from: { path: '^src/source/' },
      to: { path: '^src/(dump|store|health|restore|scratch|config)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'health-runs-in-a-browser',
      severity: 'error',
      from: { path: '^src/health/(evaluate|facts|backups)\\.ts$' },
      to: { dependencyTypes: ['core', 'npm'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the-page-knows-health-only',
      severity: 'error',
      from: { path: '^site/' },
      to: { path: '^src/', pathNot: '^src/(health|ledger/record|lib)' },
    },
    {
      name: 'terminal-libraries-stay-in-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: 'node_modules/(commander|@clack)' },
    },
    {
      name: 'actions-toolkit-stays-in-actions',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(actions/|store/artifact)' },
      to: { path: 'node_modules/@actions' },
    },
    { name: 'nothing-imports-tests', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    {
      name: 'only-cli-imports-the-demo',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|demo)/' },
      to: { path: '^src/demo/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
