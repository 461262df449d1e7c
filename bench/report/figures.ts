/** Whole numbers with thousands apart. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** With two decimals; `-` for what was not measured. */
export function decimals(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : value.toFixed(2)
}

/** Memory in MiB; `-` for what was not measured. */
export function mebibytes(bytes: number | null): string {
  return bytes === null ? '-' : whole(bytes / 1024 / 1024)
}
