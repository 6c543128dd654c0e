import { z } from 'zod';
import { isPortableName } from '../files/portable-name.ts';

/** The name of a folder, safe on every file system. */
export const outputNameSchema = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be letters, digits, dots, dashes and underscores')
  .refine(isPortableName, 'must not end in a dot or be the name of a device of Windows');
