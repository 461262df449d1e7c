import { close } from 'node:fs'

/**
 * Closes the file that the journal's threads wrote, once they are gone. Not by a thread: one may die in the middle of
 * anything, and no thread may while another is in a sync of the descriptor, whose number the system would give away
 * again. A file that failed is removed some time, and takes room on the disk for as long as it is open. What was to
 * be durable was synced, so nothing depends on how it ends.
 */
export function closeDescriptor(descriptor: number): Promise<void> {
  return new Promise((resolve) => close(descriptor, () => resolve()))
}
