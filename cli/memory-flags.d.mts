export function memoryFlags(subcommand: string | undefined): readonly string[]
