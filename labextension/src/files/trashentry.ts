/** Something in the trash. */
export interface ITrashEntry {
  id: string;
  name: string;
  /** What it is: "Diagram", "Room · 3 diagrams". */
  kind: string;
  deleted: string;
  /** Whose work it was, in words, where people are told apart. */
  by: string | null;
  /** Why the user may not bring it back, or `null`. */
  noRestore: string | null;
  /** Why the user may not remove it, or `null`. */
  noPurge: string | null;
  /** What is lost when it is removed. */
  warning: string;
  /** Bring it back; its local path. */
  restore: (name?: string) => Promise<string>;
  purge: () => Promise<void>;
}
