/**
 * The shell texts that run on a host. POSIX sh only; tested under dash and BusyBox ash.
 *
 * A run lives in `~/.baton/runs/<key>`:
 *   script, runner     what was staged
 *   claim/             made by the one runner that runs; no claim = never started
 *   claim/owner        pid, its start time, boot id, process group, session
 *   claim/cancelled    a cancel came; with it nothing starts any more
 *   stdout stderr      as written so far
 *   values             the script's BATON_OUTPUT
 *   exit               exit code, there only when the script has ended
 * `~/.baton/done/<key>` stands for a run whose result is committed and whose folder is gone: a start that comes later than that loses too.
 */
import { quote, words } from './quote.ts'

/** Tails of outputs, and all of `values`. */
export const TAIL_BYTES = 64 * 1024

const LIBRARY = `
boot_id() {
  if [ -r /proc/sys/kernel/random/boot_id ]; then read -r b_id < /proc/sys/kernel/random/boot_id
  else b_id=$(sysctl -n kern.boottime 2>/dev/null | tr -dc '0-9'); fi
  printf '%s' "\${b_id:-unknown}"
}
# ident <pid>: its state, process group, session and start time; fails when there is no such process
ident() {
  if [ -r /proc/self/stat ]; then
    IFS= read -r i_line 2>/dev/null < "/proc/$1/stat" || return 1
    i_line=\${i_line##*) }
    set -- $i_line
    i_state=$1 i_group=$3 i_session=$4
    shift 19
    i_start=$1
  else
    i_line=$(ps -o state= -o pgid= -o lstart= -p "$1" 2>/dev/null)
    [ -n "$i_line" ] || return 1
    set -- $i_line
    i_state=\${1%"\${1#?}"} i_group=$2 i_session=-
    shift 2
    i_start=$(printf '%s' "$*" | tr -dc '0-9A-Za-z')
  fi
}
# alive: 0 the runner of ./claim runs, 1 it is gone ($why), 2 its record is not there (yet)
alive() {
  [ -f claim/owner ] || return 2
  read -r o_pid o_start o_boot o_group o_session < claim/owner || return 2
  why=boot
  [ "$o_boot" = "$(boot_id)" ] || return 1
  why=gone
  ident "$o_pid" && [ "$i_start" = "$o_start" ] && [ "$i_state" != Z ]
}
`

export interface RunnerOptions {
  readonly shell: string
  /** The interpreter of a `#!` line, as the kernel would split it. */
  readonly interpreter: readonly string[] | null
}
/** Detached from any connection, it claims the run, runs the script once and records how it ended. */
export const runnerText = ({
  shell,
  interpreter,
}: RunnerOptions): string => `# Staged by Baton. Runs ./script once and keeps its output and exit code.
dir=\${0%/*}
cd "$dir" || exit 1
umask 077
# Of all runners that ever get here, only this one runs.
mkdir claim 2>/dev/null || exit 0
if [ -e "../../done/\${dir##*/}" ]; then cd / && rm -rf "$dir"; exit 0; fi
${LIBRARY}
keep() { sync "$@" 2>/dev/null || sync; }
ident $$ || i_start=- i_group=- i_session=-
# exit.tmp gets its room on the disk now: a script that fills the disk must still be able to say that it failed.
printf '%s %s %s %s %s\\n' "$$" "$i_start" "$(boot_id)" "$i_group" "$i_session" > claim/owner.tmp &&
  printf '%40s\\n' '' > exit.tmp && printf '' > values && keep claim/owner.tmp exit.tmp &&
  mv claim/owner.tmp claim/owner || { rm -rf claim exit.tmp; exit 1; }

body() {
  umask "$BATON_UMASK"
  unset CDPATH
  case $BATON_CWD in
    '') b_cwd=$HOME ;;
    '~') b_cwd=$HOME ;;
    '~/'*) b_cwd=$HOME/\${BATON_CWD#??} ;;
    /*) b_cwd=$BATON_CWD ;;
    *) b_cwd=$HOME/$BATON_CWD ;;
  esac
  cd "$b_cwd" || { printf 'cwd' > "$dir/fault"; exit 126; }
  BATON_OUTPUT=$dir/values; export BATON_OUTPUT
  set -- "$dir/script" "$@"
  # Values travel under names of ours, so that an author's PATH or IFS does not reach this runner.
  BATON_N=0
  for BATON_NAME in $BATON_NAMES; do
    eval "$BATON_NAME=\\$BATON_VALUE_$BATON_N; export $BATON_NAME"
    unset "BATON_VALUE_$BATON_N"
    BATON_N=$((BATON_N + 1))
  done
  unset BATON_NAMES BATON_NAME BATON_N BATON_CWD BATON_UMASK
  exec ${(interpreter ?? shell.split(' ')).map(quote).join(' ')} "$@"
}
# Pipes, not files: a script may open /dev/stderr anew, and that would empty a file.
if mkfifo o.pipe e.pipe 2>/dev/null; then
  ( trap '' TERM; cat; printf '' > o.end ) < o.pipe >> stdout 2>/dev/null &
  ( trap '' TERM; cat; printf '' > e.end ) < e.pipe >> stderr 2>/dev/null &
  ( body "$@" ) < /dev/null > o.pipe 2> e.pipe
  code=$?
  # What it left running in the background may hold the pipes: that is not waited for.
  n=0
  while [ ! -e o.end ] || [ ! -e e.end ]; do
    n=$((n + 1))
    [ "$n" -gt 50 ] && break
    sleep 0.02 2>/dev/null || { sleep 1; n=$((n + 24)); }
  done
else
  ( body "$@" ) < /dev/null >> stdout 2>> stderr
  code=$?
fi
fault=
[ -f fault ] && fault=cwd
printf '%s %s\\n' "$code" "$fault" 1<> exit.tmp
keep exit.tmp
mv exit.tmp exit
`

/** Every program begins with this: where the run is. */
const place = (key: string): string => `umask_was=$(umask); umask 077
root=$HOME/.baton key=${quote(key)}; dir=$root/runs/$key
${LIBRARY}`

export interface Launch {
  readonly key: string
  readonly shell: string
  readonly script: string
  readonly args: readonly string[]
  /** Reach the runner through this program's standard input and the process environment: never an argument, never a file. */
  readonly env: readonly (readonly [name: string, value: string])[]
  readonly cwd: string
}
/** Where to go on reading, how much more to send, how long to stay. */
export interface Look {
  readonly stdoutAt: number
  readonly stderrAt: number
  readonly budget: number
  readonly staySeconds: number
}

/** The interpreter of a `#!` line (one optional argument, as the kernel does), so that a home mounted noexec is no obstacle. */
export function interpreterOf(script: string): readonly string[] | null {
  const line = /^#![ \t]*(\S+)[ \t]*([^\r\n]*?)[ \t]*\r?(?:\n|$)/.exec(script)
  if (!line?.[1]) return null
  return line[2] ? [line[1], line[2]] : [line[1]]
}

const heredoc = (text: string, seal: string): string =>
  `<<'${seal}'\n${text.endsWith('\n') ? text : `${text}\n`}${seal}`

/** Stages and starts, unless that has happened already, then follows. Answers `! <word>` when it cannot, `t` when the run is over and settled. */
export function beginProgram(launch: Launch, look: Look, seal: string): { body: string; after: string } {
  const { key, shell, script, args, env, cwd } = launch
  return {
    body: `${place(key)}
stage() {
  mkdir -p "$dir" "$root/done" || return 1
  cat > "$dir/script.$$" ${heredoc(script, seal)}
  [ $? -eq 0 ] || return 1
  cat > "$dir/runner.$$" ${heredoc(runnerText({ shell, interpreter: interpreterOf(script) }), seal)}
  [ $? -eq 0 ] || return 1
  mv "$dir/script.$$" "$dir/script" && mv "$dir/runner.$$" "$dir/runner"
}
kills_sessions() {
  [ -n "\${XDG_SESSION_ID-}" ] && command -v busctl >/dev/null 2>&1 && command -v systemd-run >/dev/null 2>&1 || return 1
  set -- get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager
  [ "$(busctl "$@" KillUserProcesses 2>/dev/null)" = 'b true' ] || return 1
  case $(busctl "$@" KillExcludeUsers 2>/dev/null) in *"\\"$(id -un)\\""*) return 1 ;; esac
}
start() (
  BATON_UMASK=$umask_was BATON_CWD=${quote(cwd)} BATON_NAMES=${quote(env.map(([name]) => name).join(' '))}
  export BATON_UMASK BATON_CWD BATON_NAMES
${env.map(([, value], index) => `  BATON_VALUE_${index}=${quote(value)}; export BATON_VALUE_${index}\n`).join('')}\
  set -- ${words(shell)} "$dir/runner" ${args.map(quote).join(' ')}
  if command -v setsid >/dev/null 2>&1; then set -- setsid "$@"
  else
    # Without a session of its own the script must at least be in a group that we may kill: this shell's.
    ident $$ && [ "$i_group" = "$$" ] || { printf '! group\\n'; return 1; }
    set -- nohup "$@"
  fi
  kills_sessions && set -- systemd-run --user --scope --quiet -- "$@"
  "$@" < /dev/null > /dev/null 2>&1 &
)
begin() {
  if [ -e "$root/done/$key" ]; then printf 't\\n'; return; fi
  if [ ! -d "$dir/claim" ]; then
    stage || { printf '! stage\\n'; return; }
    start || return
  fi
  watch
}
${watchText(look)}
begin`,
    // Runs nobody came back for: gone after 7 days, but never one that still runs. Their `done` marks stay for two months.
    after: `cd "$root/runs" || exit 0
find ./* -prune -type d -mtime +7 2>/dev/null | while IFS= read -r old; do
  old=\${old#./}
  ( cd "$old" && [ ! -f exit ] && alive ) && continue
  printf '' > "$root/done/$old" && rm -rf "./$old"
done
find "$root/done" -type f -mtime +60 -exec rm -f {} + 2>/dev/null`,
  }
}

/** Follows a run: `x code [fault]` ended, `r` runs, `n` nobody claimed it, `w` claimed but no record, `l boot|gone` lost, `c` cancelled, `g` no such folder. */
export const watchProgram = (key: string, look: Look): string => `${place(key)}
${watchText(look)}
watch`

const watchText = ({ stdoutAt, stderrAt, budget, staySeconds }: Look): string => `
# pump <letter> <file> <offset>: sends what is new, as far as the budget goes; p_at is where it stopped
pump() {
  p_at=$3
  [ -f "$2" ] || return 0
  p_size=$(($(wc -c < "$2")))
  while [ "$p_at" -lt "$p_size" ] && [ "$left" -gt 0 ]; do
    p_n=$((p_size - p_at))
    [ "$p_n" -gt 65536 ] && p_n=65536
    [ "$p_n" -gt "$left" ] && p_n=$left
    printf '%s %s %s\\n' "$1" "$p_at" "$p_n"
    tail -c "+$((p_at + 1))" "$2" | head -c "$p_n"
    p_at=$((p_at + p_n)) left=$((left - p_n))
  done
}
# last <letter> <file> <offset>: the rest, or the tail of it when there is too much
last() {
  pump "$1" "$2" "$3"
  [ -f "$2" ] || return 0
  p_size=$(($(wc -c < "$2")))
  [ "$p_at" -lt "$p_size" ] || return 0
  [ "$((p_size - p_at))" -gt ${TAIL_BYTES} ] && p_at=$((p_size - ${TAIL_BYTES}))
  printf '%s %s %s\\n' "$1" "$p_at" "$((p_size - p_at))"
  tail -c "+$((p_at + 1))" "$2" | head -c "$((p_size - p_at))"
}
finish() {
  last o stdout "$at_o"; last e stderr "$at_e"
  if [ -s values ]; then
    v_n=$(($(wc -c < values)))
    [ "$v_n" -gt ${TAIL_BYTES} ] && v_n=${TAIL_BYTES}
    printf 'v 0 %s\\n' "$v_n"
    head -c "$v_n" values
  fi
  printf '%s\\n' "$1"
}
# nap: a little longer each time, up to half a second; \`stayed\` counts hundredths
nap() {
  case $naps in [0-4]) n_s=0.03 n_c=3 ;; [5-9]) n_s=0.1 n_c=10 ;; 1?) n_s=0.2 n_c=20 ;; *) n_s=0.5 n_c=50 ;; esac
  naps=$((naps + 1)) stayed=$((stayed + n_c))
  sleep "$n_s" 2>/dev/null || { sleep 1; stayed=$((stayed + 100 - n_c)); }
}
watch() {
  cd "$dir" 2>/dev/null || { printf 'g\\n'; return; }
  at_o=${stdoutAt} at_e=${stderrAt} left=${budget} naps=0 stayed=0 odd=0 gone=0
  while :; do
    # Looked at before the output is read: what a script wrote before it ended is all there then.
    if [ -f exit ]; then
      read -r x_code x_fault < exit
      finish "x $x_code $x_fault"
      return
    fi
    if [ -f claim/cancelled ]; then finish c; return; fi
    pump o stdout "$at_o"; at_o=$p_at
    pump e stderr "$at_e"; at_e=$p_at
    if [ ! -d claim ]; then odd=$((odd + 1)); oddly=n
    else
      alive
      case $? in
        0) odd=0 ;;
        2) odd=$((odd + 1)); oddly=w ;;
        # Once more around: it may have ended between our two looks.
        *) [ "$gone" -eq 1 ] && { finish "l $why"; return; }; gone=1; continue ;;
      esac
    fi
    [ "$odd" -gt 12 ] && { printf '%s\\n' "$oddly"; return; }
    if [ "$odd" -eq 0 ] && [ "$stayed" -ge ${Math.round(staySeconds * 100)} ]; then printf 'r\\n'; return; fi
    nap
  done
}`

/** Ends a run: `k never|ended|gone|killed`, or `k alive` when the group would not go. A run that nobody claimed is claimed here, so that nobody can. */
export const cancelProgram = (key: string, termSeconds: number): string => `${place(key)}
members() {
  if [ -r /proc/self/stat ]; then
    for m in /proc/[0-9]*; do
      ident "\${m#/proc/}" || continue
      case $i_state in Z | X) continue ;; esac
      # The session too, when it is the run's own: a script may have made groups inside it.
      if [ "$i_group" = "$o_group" ] || { [ "$o_session" = "$o_group" ] && [ "$i_session" = "$o_session" ]; }; then printf '%s ' "\${m#/proc/}"; fi
    done
  else
    ps -A -o pid= -o pgid= -o state= | while read -r m_pid m_group m_state; do
      [ "$m_group" = "$o_group" ] || continue
      case $m_state in Z*) ;; *) printf '%s ' "$m_pid" ;; esac
    done
  fi
}
# quiet <tenths>: waits until nobody is left
quiet() {
  q=0
  while [ -n "$(members)" ]; do
    q=$((q + 1))
    [ "$q" -gt "$1" ] && return 1
    sleep 0.1 2>/dev/null || { sleep 1; q=$((q + 9)); }
  done
}
cancel() {
  mkdir -p "$dir" && cd "$dir" || { printf 'k alive\\n'; return; }
  if mkdir claim 2>/dev/null; then printf '' > claim/cancelled; printf 'k never\\n'; return; fi
  if [ -f exit ]; then printf 'k ended\\n'; return; fi
  w=0
  while :; do
    alive
    case $? in
      0) break ;;
      1)
        [ "$why" = boot ] && { printf 'k gone\\n'; return; }
        # Its number may be somebody else's by now. Else the runner alone has died, and what it started may still be there.
        ident "$o_pid" && [ "$i_start" != "$o_start" ] && { printf 'k gone\\n'; return; }
        break ;;
      2) [ -f claim/cancelled ] && { printf 'k never\\n'; return; } ;;
    esac
    w=$((w + 1))
    [ "$w" -gt 20 ] && { printf 'k alive\\n'; return; }
    sleep 0.1 2>/dev/null || sleep 1
  done
  printf '' > claim/cancelling
  kill -TERM "-$o_group" 2>/dev/null
  m_all=$(members); [ -n "$m_all" ] && kill -TERM $m_all 2>/dev/null
  quiet ${Math.round(termSeconds * 10)} || {
    kill -KILL "-$o_group" 2>/dev/null
    m_all=$(members); [ -n "$m_all" ] && kill -KILL $m_all 2>/dev/null
    quiet 50 || { printf 'k alive\\n'; return; }
  }
  [ -f exit ] || printf '' > claim/cancelled
  printf 'k killed\\n'
}
cancel`

/** The result is committed: nothing of the run stays but its mark. */
export const settleProgram = (key: string): string => `${place(key)}
[ -d "$dir" ] && mkdir -p "$root/done" && printf '' > "$root/done/$key" && rm -rf "$dir"
printf 's\\n'`
