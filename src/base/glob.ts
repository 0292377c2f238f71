/**
 * Names with wildcards as people know them from a shell: `*` any text, `?` one character, `[abc]`, `[a-z]`, `[!abc]`. No regular
 * expression: a plan's author must not be able to keep a process busy, and this takes at most pattern times text steps.
 */
const special = /[*?[]/;

/** Does it have a wildcard in it? */
export function isGlob(pattern: string): boolean {
  return special.test(pattern);
}

export function globMatches(pattern: string, text: string): boolean {
  if (!isGlob(pattern)) return pattern === text;
  const parts = partsOf(pattern);
  let part = 0;
  let at = 0;
  let star = -1; // the last "*", and how far it reaches
  let reach = 0;
  while (at < text.length) {
    const one = parts[part];
    if (one === "*") {
      star = part++;
      reach = at;
    } else if (one?.(text.charAt(at))) {
      part++;
      at++;
    } else if (star >= 0) {
      part = star + 1;
      at = ++reach; // it takes one character more
    } else return false;
  }
  return parts.slice(part).every((one) => one === "*");
}

type Part = "*" | ((character: string) => boolean);

function partsOf(pattern: string): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    const end = character === "[" ? pattern.indexOf("]", at + 2) : -1;
    if (character === "*") parts.push("*");
    else if (character === "?") parts.push(() => true);
    else if (end > 0) {
      parts.push(setOf(pattern.slice(at + 1, end)));
      at = end;
    } else parts.push((one) => one === character); // also a "[" that nothing closes
  }
  return parts;
}

/** "abc", "a-z0-9", "!abc". */
function setOf(text: string): (character: string) => boolean {
  const not = /^[!^]/.test(text) && text.length > 1;
  const members = not ? text.slice(1) : text;
  const has = (character: string) => {
    for (let at = 0; at < members.length; at++) {
      const first = members.charAt(at);
      const range = members.charAt(at + 1) === "-" && at + 2 < members.length;
      const last = range ? members.charAt(at + 2) : first;
      if (first <= character && character <= last) return true;
      if (range) at += 2;
    }
    return false;
  };
  return (character) => has(character) !== not;
}
