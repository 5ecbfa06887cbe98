import type { Permissions } from './route.ts';

/** All that the fake of GitHub knows of one repository. Tests read and change it as they like. */

export interface FakeIssue {
  number: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  stateReason: string | null;
  labels: string[];
  user: string;
  createdAt: number;
  updatedAt: number;
  closedAt?: number | null;
  isPullRequest?: boolean;
}

export interface FakeComment {
  id: number;
  issue: number;
  body: string;
  user: string;
  createdAt: number;
}

export interface FakeArtifact {
  id: number;
  name: string;
  runId: number;
  sizeBytes: number;
  digest: string | null;
  createdAt: number;
  expiresAt: number;
  /** Only then is it shown. */
  isFinalized: boolean;
  /** It was made by a run for a pull request of a fork. */
  isFromFork: boolean;
  /** A fresh address of its bytes, good for a minute. */
  sign(): string;
}

export interface FakeWorkflow {
  id: number;
  name: string;
  path: string;
  state: 'active' | 'disabled_manually' | 'disabled_inactivity';
}

export interface GitTreeEntry {
  path: string;
  mode: string;
  type: 'blob' | 'tree';
  sha: string;
}

export interface GitCommit {
  sha: string;
  tree: string;
  parents: string[];
  message: string;
}

export interface FakeRepository {
  owner: string;
  name: string;
  id: number;
  visibility: 'public' | 'private' | 'internal';
  defaultBranch: string;
  pushedAt: number;
  isArchived: boolean;
  hasIssues: boolean;
  /** By their sha; `refs` from `refs/heads/main` to a commit. */
  git: {
    blobs: Map<string, Buffer>;
    trees: Map<string, GitTreeEntry[]>;
    commits: Map<string, GitCommit>;
    refs: Map<string, string>;
    /** Branches that refuse updates, as a ruleset does. */
    protected: Set<string>;
    /** Trees say that they are not whole. */
    treesAreTruncated: boolean;
  };
  artifacts: FakeArtifact[];
  workflows: FakeWorkflow[];
  /** Names, and the ids of the logins that must approve. */
  environments: { name: string; reviewers: string[] }[];
  issues: FakeIssue[];
  comments: FakeComment[];
  labels: { name: string; color: string; description: string }[];
  /** Days, and what the owner allows at most. */
  artifactRetention: { days: number; maximumAllowedDays: number };
  rateLimit: { limit: number; remaining: number; resetAt: number };
  /** What each token may do here. */
  tokens: Map<string, Permissions>;
  now(): number;
  nextId(): number;
}

export function newRepository(options: Partial<FakeRepository> = {}): FakeRepository {
  let id = 1000;
  return {
    owner: 'acme',
    name: 'backups',
    id: 77,
    visibility: 'private',
    defaultBranch: 'main',
    pushedAt: Date.now(),
    isArchived: false,
    hasIssues: true,
    git: {
      blobs: new Map(),
      trees: new Map(),
      commits: new Map(),
      refs: new Map(),
      protected: new Set(),
      treesAreTruncated: false,
    },
    artifacts: [],
    workflows: [],
    environments: [],
    issues: [],
    comments: [],
    labels: [],
    artifactRetention: { days: 90, maximumAllowedDays: options.visibility === 'public' ? 90 : 400 },
    rateLimit: { limit: 1_000_000, remaining: 1_000_000, resetAt: Date.now() + 3_600_000 },
    tokens: new Map(),
    now: Date.now,
    nextId: () => ++id,
    ...options,
  };
}
