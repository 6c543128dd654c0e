import { z } from 'zod';

export const maxBadPagesSchema = z
  .number()
  .min(0)
  .max(1)
  .default(0.1)
  .describe('Share of pages that may be unreadable; more of them fail the job');
