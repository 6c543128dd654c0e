import pg from 'pg';
import type { Queryable } from '../../database/transaction.ts';
import { PanelvecError } from '../../errors.ts';
import type { Collection, FacetValue } from '../collection.ts';
import { tablesOf } from '../collection-tables.ts';
import { withoutNul } from '../without-nul.ts';

/** Only panels that fit all of these are found. */
export interface SearchFilters {
  readonly book?: string | undefined;
  readonly pageType?: string | undefined;
  readonly hasText?: boolean | undefined;
}

/** A filter as a condition over the rows of panels, with its name in the request. */
interface FilterCondition {
  readonly name: string;
  readonly value: string | boolean;
  readonly sql: string;
}

/** The conditions of filters over the rows of panels, joined; 'true' without filters. */
export function filterSql(filters: SearchFilters): string {
  return joinConditions(toConditions(filters));
}

/**
 * Counts the panels that fit the filters, up to `limit`.
 * @throws PanelvecError invalid_request naming the filter that no panel fits
 */
export async function countMatches(
  database: Queryable,
  collection: Collection,
  filters: SearchFilters,
  limit: number,
): Promise<number> {
  const conditions = toConditions(filters);
  if (conditions.length === 0) return Math.min(collection.panels, limit);
  const count = await countRows(database, collection, conditions, limit);
  if (count > 0) return count;
  for (const condition of conditions) {
    if ((await countRows(database, collection, [condition], 1)) > 0) continue;
    const { name, value } = condition;
    const message = `no panel of "${collection.name}" fits ${JSON.stringify(value)}${describeValues(collection, name)}`;
    throw new PanelvecError('invalid_request', message, { param: `filters.${name}` });
  }
  const message = `no panel of "${collection.name}" fits all of these filters`;
  throw new PanelvecError('invalid_request', message, { param: 'filters' });
}

function toConditions({ book, pageType, hasText }: SearchFilters): FilterCondition[] {
  const conditions: FilterCondition[] = [];
  if (book !== undefined) conditions.push({ name: 'book', value: book, sql: `book = ${toLiteral(book)}` });
  if (pageType !== undefined)
    conditions.push({ name: 'page_type', value: pageType, sql: `page_type = ${toLiteral(pageType)}` });
  if (hasText !== undefined)
    conditions.push({ name: 'has_text', value: hasText, sql: `text IS ${hasText ? 'NOT ' : ''}NULL` });
  return conditions;
}

/** A text as PostgreSQL reads it. A character of code 0 would end the statement. */
function toLiteral(text: string): string {
  return pg.escapeLiteral(withoutNul(text));
}

function joinConditions(conditions: readonly FilterCondition[]): string {
  return conditions.length === 0 ? 'true' : conditions.map(({ sql }) => sql).join(' AND ');
}

async function countRows(
  database: Queryable,
  collection: Pick<Collection, 'id'>,
  conditions: readonly FilterCondition[],
  limit: number,
): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `SELECT count(*)::integer AS count
      FROM (SELECT FROM ${tablesOf(collection).panels} WHERE ${joinConditions(conditions)} LIMIT ${limit}) AS matches`,
  );
  return rows[0]?.count ?? 0;
}

const MAX_LISTED = 8;

/** The values that a filter can have, for a message. */
function describeValues({ facets }: Collection, name: string): string {
  const values = (name === 'book' ? facets?.books : name === 'page_type' ? facets?.pageTypes : undefined) ?? [];
  if (values.length === 0) return '';
  const listed = values.slice(0, MAX_LISTED).map(({ value }: FacetValue) => JSON.stringify(value));
  return `: there is ${listed.join(', ')}${values.length > MAX_LISTED ? ', …' : ''}`;
}
