/**
 * The keys of advisory locks, which all users of a database share. Any numbers will do that differ. The first is a key of its own;
 * the others come with a second number.
 */
export const ADVISORY_LOCKS = {
  /** One process migrates at a time. */
  migration: 4_817_263,
  /** The index of a collection is made once at a time. With the id of the collection */
  vectorIndex: 4_817_264,
  /** One collection of a name is published at a time. With the hash of the name */
  publication: 4_817_265,
} as const;
