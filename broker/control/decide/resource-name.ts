/** Names that administrators choose are keys for ever: short, and one line of well-formed text. */
export const MAX_NAME_LENGTH = 255

/** What is wrong with a name, or null. */
export function nameFault(what: string, name: string): string | null {
  if (name === '') return `The ${what} must not be empty.`
  if (name.length > MAX_NAME_LENGTH) {
    return `The ${what} is longer than ${MAX_NAME_LENGTH} characters.`
  }
  if (!name.isWellFormed() || hasControlCharacter(name)) {
    return `The ${what} must not have control characters.`
  }
  return null
}

/** Everybody who did not log in. Rules for them, such as those of `super.users`, must be nobody else's. */
export const ANONYMOUS_NAME = 'ANONYMOUS'

/** What is wrong with the name of somebody who shall be able to log in, or null. */
export function loginNameFault(what: string, name: string): string | null {
  if (name === ANONYMOUS_NAME) return `${ANONYMOUS_NAME} is everybody who did not log in.`
  return nameFault(what, name)
}

export function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}
