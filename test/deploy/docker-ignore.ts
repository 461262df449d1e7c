/** Whether a `.dockerignore` leaves a path out. Knows the forms that ours has. */
export function dockerIgnore(text: string): (path: string) => boolean {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(patternOf)
  return (path) => patterns.some((pattern) => pattern.test(path))
}

function patternOf(line: string): RegExp {
  if (line.startsWith('!')) throw new Error(`this check does not know ${line} of a .dockerignore`)
  const escaped = line
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/^\*\*\//, '(?:.*/)?')
    .replaceAll('*', '[^/]*')
    // The prefix above has a star of its own.
    .replace('(?:.[^/]*/)?', '(?:.*/)?')
  return new RegExp(`^${escaped}(?:/|$)`)
}
