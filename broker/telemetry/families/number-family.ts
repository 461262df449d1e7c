import type { Family, FamilyDescription } from '../family.ts'

/** A family of one series without labels. */
export function numberFamily(
  description: Omit<FamilyDescription, 'labels'> & { readonly type: 'counter' | 'gauge' },
  read: () => number,
): Family {
  return { ...description, labels: [], samples: () => [{ labels: {}, value: read() }] }
}
