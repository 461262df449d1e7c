import type { Family, FamilyDescription } from '../family.ts'

/** A family of one series without labels. */
export function numberFamily(
  description: Omit<FamilyDescription, 'labels'> & { readonly type: 'counter' | 'gauge' },
  read: () => number,
): Family {
  return { ...description, labels: [], samples: () => [{ labels: {}, value: read() }] }
}

/** Makes families of numbers that are read from the same counters, and moved by the same test. */
export function numbersOf<Counters>(counters: () => Counters, movedBy: string) {
  return (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    read: (counters: Counters) => number,
  ): Family => numberFamily({ name, type, help, movedBy }, () => read(counters()))
}
