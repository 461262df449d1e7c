/** The instructions of a Dockerfile that ours is made of. Others are an error: nobody would carry them out here. */
export interface Dockerfile {
  readonly stages: readonly Stage[]
}

export interface Stage {
  readonly base: string
  readonly instructions: readonly Instruction[]
}

export type Instruction =
  | {
      readonly kind: 'copy'
      readonly from: string | null
      readonly sources: readonly string[]
      readonly target: string
    }
  | { readonly kind: 'run'; readonly command: string }
  | { readonly kind: 'env'; readonly name: string; readonly value: string }
  | { readonly kind: 'entrypoint' | 'cmd' | 'healthcheck'; readonly command: readonly string[] }
  | { readonly kind: 'workdir' | 'user' | 'volume' | 'expose'; readonly value: string }

export function parseDockerfile(text: string): Dockerfile {
  const lines = text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const stages: { base: string; instructions: Instruction[] }[] = []
  for (const line of lines) {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
    if (word === 'FROM') stages.push({ base: rest.split(' ', 1)[0] ?? '', instructions: [] })
    else stages.at(-1)?.instructions.push(instructionOf(word, rest))
  }
  return { stages }
}

function instructionOf(word: string, rest: string): Instruction {
  switch (word) {
    case 'COPY': {
      const words = rest.split(/\s+/)
      const from = /^--from=(\w+)$/.exec(words[0] ?? '')?.[1] ?? null
      const paths = from === null ? words : words.slice(1)
      return { kind: 'copy', from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' }
    }
    case 'RUN':
      return { kind: 'run', command: rest }
    case 'ENV': {
      const [name = '', value = ''] = rest.split('=', 2)
      return { kind: 'env', name, value }
    }
    case 'ENTRYPOINT':
    case 'CMD':
      return { kind: word === 'CMD' ? 'cmd' : 'entrypoint', command: JSON.parse(rest) as string[] }
    case 'HEALTHCHECK':
      return {
        kind: 'healthcheck',
        command: JSON.parse(rest.replace(/^.*?CMD\s+/, '')) as string[],
      }
    case 'WORKDIR':
    case 'USER':
    case 'VOLUME':
    case 'EXPOSE':
      return { kind: word.toLowerCase() as 'workdir' | 'user' | 'volume' | 'expose', value: rest }
    default:
      throw new Error(`this check does not know ${word} of a Dockerfile`)
  }
}
