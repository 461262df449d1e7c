/** A value within a template. Objects are read by their fields, maps by their keys. */
export type TemplateValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly TemplateValue[]
  | ReadonlyMap<string, TemplateValue>
  | { readonly [field: string]: TemplateValue }
