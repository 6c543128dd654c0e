import type { NarrativePage, Page } from '../page.ts';
import { cover } from './cover.ts';
import { credits } from './credits.ts';
import { page001 } from './page-001.ts';
import { page002 } from './page-002.ts';
import { page003 } from './page-003.ts';
import { page004 } from './page-004.ts';

export const TITLE = 'Moonlit Harbor';

export const PAGES: readonly Page[] = [cover, page001, page002, page003, page004, credits];

export const isNarrative = (page: Page): page is NarrativePage => page.kind === 'narrative';
