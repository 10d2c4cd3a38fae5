/**
 * Which known name was meant by one that is not known 拼写: the nearest by the number of letters that are left out, added,
 * exchanged or swapped with their neighbour (optimal string alignment distance), whatever their case.
 */

/** The nearest of the known names; none where none is near: a third of its letters may differ. */
export const nearest = (name: string, known: ReadonlyArray<string>): string | undefined => {
  let meant: string | undefined
  let least = Infinity
  for (const one of known) {
    const allowed = Math.max(1, Math.floor(one.length / 3))
    // A length that differs by more needs no comparing, however long the name is that somebody sent.
    if (one.length < shortest || Math.abs(one.length - name.length) > allowed) continue
    const far = distance(name.toLowerCase(), one.toLowerCase())
    if (far <= allowed && far < least) {
      meant = one
      least = far
    }
  }
  return meant
}

/** What is told of a name that is not known, where one was meant. */
export const misspelt = (meant: string): string => `没有此项，是否应为 ${meant} / no such field: did you mean ${meant}`

/** Names of one or two letters are near to everything. */
const shortest = 3

/** How many letters have to change. */
export const distance = (one: string, other: string): number => {
  let before: ReadonlyArray<number> = []
  let last: ReadonlyArray<number> = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let row = 1; row <= one.length; row++) {
    const next = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1]
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      next.push(Math.min(
        (last[column] ?? Infinity) + 1,
        (next[column - 1] ?? Infinity) + 1,
        (last[column - 1] ?? Infinity) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? Infinity) + 1 : Infinity
      ))
    }
    before = last
    last = next
  }
  return last[other.length] ?? Infinity
}
