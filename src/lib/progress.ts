/** How a verb says what it is doing; the terminal draws bars of it, a log gets plain lines. */
export interface Progress {
  /** Begins a step; the steps of a verb follow one another. */
  step(title: string): Step;
  /** Something to know that is no failure. */
  warn(text: string): void;
}

export interface Step {
  /** @param totalBytes an estimate for the time left; null when unknown */
  update(state: { rows: number; bytes: number; totalBytes: number | null }): void;
  /** Ends the step with its result in a few words. */
  done(text: string): void;
  failed(): void;
}

/** Says nothing. */
export const silent: Progress = {
  step: () => ({ update: () => {}, done: () => {}, failed: () => {} }),
  warn: () => {},
};

/** Runs a part of a verb as a step, which fails when the part throws. */
export async function inStep<T>(
  progress: Progress,
  title: string,
  part: (step: Step) => Promise<T>,
  summary: (result: T) => string,
): Promise<T> {
  const step = progress.step(title);
  try {
    const result = await part(step);
    step.done(summary(result));
    return result;
  } catch (error) {
    step.failed();
    throw error;
  }
}
