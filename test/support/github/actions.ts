import type { FakeArtifact, FakeRepository, FakeWorkflow } from './repository.ts';
import {
  type Answer,
  type ApiRequest,
  noContent,
  notFound,
  ok,
  pageOf,
  type Route,
  refused,
} from './route.ts';

/** Artifacts, workflows and settings of Actions: https://docs.github.com/en/rest/actions, as we read it. */

const read = 'actions: read' as const;
const write = 'actions: write' as const;
const iso = (moment: number) => new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z');

function describeArtifact(repository: FakeRepository, artifact: FakeArtifact, baseUrl: string) {
  const { id, name, sizeBytes, digest, createdAt, expiresAt, runId } = artifact;
  const url = `${baseUrl}/repos/${repository.owner}/${repository.name}/actions/artifacts/${id}`;
  return {
    id,
    name,
    size_in_bytes: sizeBytes,
    url,
    archive_download_url: `${url}/zip`,
    expired: repository.now() >= expiresAt,
    created_at: iso(createdAt),
    updated_at: iso(createdAt),
    expires_at: iso(expiresAt),
    digest,
    workflow_run: {
      id: runId,
      repository_id: repository.id,
      head_repository_id: artifact.isFromFork ? repository.id + 1 : repository.id,
    },
  };
}

/** Newest first, as GitHub lists them. */
function listArtifacts(request: ApiRequest, isMeant: (artifact: FakeArtifact) => boolean): Answer {
  const { repository, baseUrl, query } = request;
  const name = query.get('name');
  const found = repository.artifacts.filter(
    (each) => each.isFinalized && isMeant(each) && (name === null || each.name === name),
  );
  const sorted = found.sort((a, b) => b.id - a.id);
  return pageOf(
    request,
    sorted.map((each) => describeArtifact(repository, each, baseUrl)),
    'artifacts',
  );
}

const artifactOf = ({ repository, params }: ApiRequest) =>
  repository.artifacts.find((each) => each.isFinalized && each.id === Number(params['id']));

function workflowOf({ repository, params }: ApiRequest): FakeWorkflow | undefined {
  const name = params['id']!;
  return repository.workflows.find(({ id, path }) => String(id) === name || path.endsWith(`/${name}`));
}

function setWorkflow(request: ApiRequest, state: FakeWorkflow['state']): Answer {
  const workflow = workflowOf(request);
  if (!workflow) return notFound;
  workflow.state = state;
  return noContent;
}

export const actionsRoutes: Route[] = [
  {
    method: 'GET',
    path: '/actions/artifacts',
    permission: read,
    handle: (request) => listArtifacts(request, () => true),
  },
  {
    method: 'GET',
    path: '/actions/runs/:run/artifacts',
    permission: read,
    handle: (request) => listArtifacts(request, ({ runId }) => runId === Number(request.params['run'])),
  },
  {
    method: 'GET',
    path: '/actions/artifacts/:id',
    permission: read,
    handle: (request) => {
      const artifact = artifactOf(request);
      return artifact ? ok(describeArtifact(request.repository, artifact, request.baseUrl)) : notFound;
    },
  },
  {
    method: 'GET',
    path: '/actions/artifacts/:id/zip',
    permission: read,
    handle: (request) => {
      const artifact = artifactOf(request);
      if (!artifact) return notFound;
      if (request.repository.now() >= artifact.expiresAt) return refused('Artifact has expired', 410);
      return { status: 302, headers: { location: artifact.sign() } };
    },
  },
  {
    method: 'DELETE',
    path: '/actions/artifacts/:id',
    permission: write,
    handle: (request) => {
      const artifact = artifactOf(request);
      if (!artifact) return notFound;
      request.repository.artifacts.splice(request.repository.artifacts.indexOf(artifact), 1);
      return noContent;
    },
  },
  {
    method: 'GET',
    path: '/actions/workflows',
    permission: read,
    handle: (request) => pageOf(request, request.repository.workflows, 'workflows'),
  },
  {
    method: 'GET',
    path: '/actions/workflows/:id',
    permission: read,
    handle: (request) => {
      const workflow = workflowOf(request);
      return workflow ? ok(workflow) : notFound;
    },
  },
  {
    method: 'PUT',
    path: '/actions/workflows/:id/enable',
    permission: write,
    handle: (request) => setWorkflow(request, 'active'),
  },
  {
    method: 'PUT',
    path: '/actions/workflows/:id/disable',
    permission: write,
    handle: (request) => setWorkflow(request, 'disabled_manually'),
  },
  {
    // Needs an administrator's token: a workflow's own token can never have it.
    method: 'GET',
    path: '/actions/permissions/artifact-and-log-retention',
    permission: 'administration: read',
    handle: ({ repository: { artifactRetention } }) =>
      ok({ days: artifactRetention.days, maximum_allowed_days: artifactRetention.maximumAllowedDays }),
  },
];
