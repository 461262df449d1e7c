/** The part of fs-native-extensions that `real-disk.ts` uses; the package brings no types of its own. */
declare module 'fs-native-extensions' {
  /**
   * An exclusive lock on the whole open file (an open-file-description lock on Linux, flock on
   * macOS); false when another descriptor holds one. Closing the descriptor gives it back.
   */
  export function tryLock(fd: number): boolean
}
