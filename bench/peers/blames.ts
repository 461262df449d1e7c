/**
 * What the profile blames for a goal that is missed, by load; kept by hand and printed in RESULTS.md
 * beside the miss. An entry for a goal that is met is not printed, and may go.
 */
export const blames: Readonly<Record<string, string>> = {}
