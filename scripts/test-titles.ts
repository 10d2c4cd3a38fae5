// What a file of tests says of itself, read from its source: its titles, its groups and its tables. What stands in the body of a function is
// none of it, so a number that is only the name of a card or of an order holds nothing.
/** A piece of a source: a text between quotes, a word, or a sign. Comments are left out. */
interface Token {
  readonly kind: "text" | "word" | "sign"
  readonly value: string
  /** How far its line is set in. */
  readonly indent: number
  readonly isFirst: boolean
}

const piece = /(\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|([\w$]+)|(=>|[\s\S])/gy
const pattern = /\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/gy

/** Behind the template that begins here; what is put into it may hold templates again. */
const behindTemplate = (source: string, from: number): number => {
  let at = from + 1
  while (at < source.length && source[at] !== "`") {
    if (source[at] === "\\") at += 2
    else if (!source.startsWith("${", at)) at++
    else {
      let depth = 1
      for (at += 2; at < source.length && depth > 0; at++) {
        if (source[at] === "`") at = behindTemplate(source, at) - 1
        else depth += source[at] === "{" ? 1 : source[at] === "}" ? -1 : 0
      }
    }
  }
  return at + 1
}

const tokensOf = (source: string): ReadonlyArray<Token> => {
  const tokens: Array<Token> = []
  const push = (kind: Token["kind"], value: string, at: number): void => {
    const line = source.slice(source.lastIndexOf("\n", at - 1) + 1, at)
    const indent = line.search(/\S|$/)
    tokens.push({ kind, value, indent, isFirst: indent === line.length })
  }
  for (let at = 0; at < source.length;) {
    const before = tokens.at(-1)
    const divides = before !== undefined && (before.kind !== "sign" || /[)\]}]/.test(before.value))
    pattern.lastIndex = at
    piece.lastIndex = at
    if (source[at] === "`") {
      const end = behindTemplate(source, at)
      push("text", source.slice(at + 1, end - 1), at)
      at = end
    } else if (!divides && pattern.test(source)) {
      push("word", "pattern", at)
      at = pattern.lastIndex
    } else {
      const [, , text, word, sign] = piece.exec(source) ?? []
      if (text !== undefined) push("text", text.slice(1, -1), at)
      else if (word !== undefined) push("word", word, at)
      else if (sign !== undefined) push("sign", sign, at)
      at = piece.lastIndex
    }
  }
  return tokens
}

const is = (token: Token | undefined, kind: Token["kind"], ...values: ReadonlyArray<string>): boolean =>
  token?.kind === kind && values.includes(token.value)
const opens = (token: Token | undefined): boolean => is(token, "sign", "(", "[", "{")
const closes = (token: Token | undefined): boolean => is(token, "sign", ")", "]", "}")

/** Behind the bracket that closes the one that stands here. */
const behind = (tokens: ReadonlyArray<Token>, from: number): number => {
  let depth = 0
  let at = from
  do {
    depth += opens(tokens[at]) ? 1 : closes(tokens[at]) ? -1 : 0
    at++
  } while (depth > 0 && at < tokens.length)
  return at
}

/** Where the calls open that stand one after the other here, as in `layer(it)("title", ...)` and `describe.each<Row>(rows)("title", ...)`. */
const callsAt = (tokens: ReadonlyArray<Token>, from: number): ReadonlyArray<number> => {
  const calls: Array<number> = []
  for (let at = from + 1;;) {
    if (is(tokens[at], "sign", ".")) at += 2
    else if (is(tokens[at], "sign", "<")) { while (at < tokens.length && !is(tokens[at++], "sign", ">")); }
    else if (is(tokens[at], "sign", "(")) {
      calls.push(at)
      at = behind(tokens, at)
    } else return calls
  }
}

/** Behind the body of the function whose arrow, or whose word `function`, stands here. */
const behindBody = (tokens: ReadonlyArray<Token>, from: number): number => {
  let at = from + 1
  if (is(tokens[from], "word", "function")) {
    while (at < tokens.length && !is(tokens[at], "sign", "(")) at++
    at = behind(tokens, at)
    while (at < tokens.length && !is(tokens[at], "sign", "{")) at++
  }
  if (is(tokens[at], "sign", "{")) return behind(tokens, at)
  // There are no semicolons: a line that is set in no further begins something else.
  const isNext = (one: Token): boolean =>
    closes(one) || is(one, "sign", ",") || (one.isFirst && one.indent <= (tokens[from]?.indent ?? 0))
  for (let one = tokens[at]; one !== undefined && !isNext(one); one = tokens[at]) {
    at = opens(tokens[at]) ? behind(tokens, at) : at + 1
  }
  return at
}

/** The titles, the groups and the rows of the tables, a line each. */
export const titlesIn = (source: string): string => {
  const tokens = tokensOf(source)
  const texts: Array<string> = []
  /** Whether each bracket that is open is that of a group: the body of a group is no test. */
  const groups: Array<boolean> = []
  const opening = new Set<number>()
  for (let at = 0; at < tokens.length;) {
    const token = tokens[at]
    const isMember = is(tokens[at - 1], "sign", ".")
    if (token?.kind === "text") texts.push(token.value)
    else if (is(token, "word", "describe", "layer") && !isMember) callsAt(tokens, at).forEach((one) => opening.add(one))
    else if (opens(token)) groups.push(opening.has(at))
    else if (closes(token)) groups.pop()
    const isBody = is(token, "sign", "=>") ? groups.at(-1) !== true : is(token, "word", "function") && !isMember
    at = isBody ? behindBody(tokens, at) : at + 1
  }
  return texts.join("\n")
}
