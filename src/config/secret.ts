import { z } from 'zod';

/** A secret in `holdfast.yml`: never itself, always the name of the variable that holds it. */
export const secretReference = z
  .string()
  .regex(
    /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/,
    'a secret, which is written as ${NAME} and set in the environment',
  );
