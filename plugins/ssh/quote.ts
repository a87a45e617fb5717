/**
 * A value as one word of a POSIX shell program: nothing in it is looked at.
 * @throws when it holds a NUL, which no shell can carry.
 */
export function quote(value: string): string {
  if (value.includes('\0')) throw new Error('expected a text without NUL, but it has one')
  return `'${value.replaceAll("'", `'\\''`)}'`
}
/** Words of a command line, e.g. `busybox ash`, each quoted. */
export const words = (command: string): string => command.split(' ').map(quote).join(' ')

/** Shell lines that set `$path`: absolute as it is, else in the home folder, where `~/` may lead too. */
export const inHome = (path: string): string => `path=${quote(path)}
case $path in
  '~/'*) path=$HOME/\${path#??} ;;
  /*) ;;
  *) path=$HOME/$path ;;
esac`
