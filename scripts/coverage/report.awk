# SPDX-License-Identifier: Apache-2.0
# Bars, list of unreachable points and summed counts (scripts/coverage.sh) to a table of files.
# A line counts as covered when a block that holds it has run, a branch when it was taken, a bit
# when it has toggled, in any instance of its module.
function source_line(file, n,    text) {
  if (!(file in sources)) {
    sources[file] = 1
    for (count = 1; (getline text < file) > 0; count++) source[file, count] = text
    close(file)
  }
  return source[file, n]
}
# 1 when the list leaves this point out.
function excused(file, kind, line, object,    i, hit) {
  for (i = 1; i <= entries; i++)
    if (entry_file[i] == file && entry_kind[i] == kind) {
      if (kind == "line" || kind == "branch")
        hit = index(source_line(file, line), entry_text[i]) > 0
      else hit = object ~ ("^(" entry_text[i] ")$")
      if (hit) {
        used[i]++
        return 1
      }
    }
  return 0
}
function add(file, kind, line, object, count,    key) {
  key = file SUBSEP kind SUBSEP line SUBSEP object
  points[key] += count
}
FILENAME == ARGV[1] { bar[$1] = $2; next }
FILENAME == ARGV[2] {
  if ($0 ~ /^(#|$)/) next
  n = split($0, f, / *\| */)
  if (n != 4 || f[4] == "") {
    print list ": " $0 ": not file | kind | text | reason" > "/dev/stderr"
    bad = 1
    exit 2
  }
  entry[++entries] = $0
  entry_file[entries] = f[1]
  entry_kind[entries] = f[2]
  entry_text[entries] = f[3]
  next
}
{
  split($0, f, "\t")
  file = f[2]
  if (file !~ /^rtl\// && file !~ /^tests\/coverage\//) next
  if (file ~ /^rtl\/cells_sim\//) next  # models of vendors' cells
  split(f[3], place, ".")
  if (f[1] == "v_user") add(file, "functional", place[1], f[4], f[6])
  if (f[1] == "v_toggle") add(file, "toggle", place[1], f[4], f[6])
  if (f[1] == "v_line" || f[1] == "v_branch") {
    if (file !~ /^rtl\//) next
    if (f[4] != "block") add(file, "branch", place[1], f[3] " " f[4], f[6])
    ranges = split(f[5], range, ",")
    for (i = 1; i <= ranges; i++) {
      split(range[i], ends, "-")
      if (ends[2] == "") ends[2] = ends[1]
      for (l = ends[1]; l <= ends[2]; l++) add(file, "line", l, "", f[6])
    }
  }
}
END {
  if (bad) exit 2
  for (key in points) {
    split(key, f, SUBSEP)
    if (f[2] == "toggle" && f[1] !~ /^rtl\//) continue
    files[f[1]] = 1
    if (points[key] > 0) {
      hit[f[1], f[2]]++
      total[f[1], f[2]]++
    } else if (excused(f[1], f[2], f[3], f[4])) {
      left[f[2]]++
    } else {
      total[f[1], f[2]]++
      missing[f[1], f[2]] = missing[f[1], f[2]] sprintf("  %s:%s %s %s\n", f[1], f[3], f[2], f[4])
    }
  }
  names = split("line branch toggle functional", kinds, " ")
  printf "%-38s %14s %14s %14s %14s\n", "file", "line %", "branch %", "toggle %", "functional %"
  sort = "sort"
  for (file in files) {
    text = sprintf("%-38s", file)
    for (k = 1; k <= names; k++) {
      kind = kinds[k]
      t = total[file, kind]
      text = text (t ? sprintf(" %14.1f", 100 * hit[file, kind] / t) : sprintf(" %14s", "-"))
      all_hit[kind] += hit[file, kind]
      all_total[kind] += t
    }
    print text | sort
  }
  close(sort)
  status = 0
  for (k = 1; k <= names; k++) {
    kind = kinds[k]
    if (all_total[kind] == 0) { print "no points of kind " kind > "/dev/stderr"; exit 2 }
    share = 100 * all_hit[kind] / all_total[kind]
    good = share >= bar[kind]
    if (!good) status = 1
    printf "%-10s %6.2f %% of %d points, bar %d %%, %d left out: %s\n", kind, share,
           all_total[kind], bar[kind], left[kind], good ? "met" : "MISSED"
  }
  for (key in missing) {
    split(key, f, SUBSEP)
    lines = split(missing[key], m, "\n")
    for (i = 1; i < lines; i++)
      if (all == 1 || i < 3) print m[i] | sort
      else if (i == 3) print m[i] (lines > 4 ? " and " lines - 4 " more" : "") | sort
  }
  close(sort)
  for (i = 1; i <= entries; i++)
    if (!used[i]) { print list ": leaves nothing out: " entry[i] > "/dev/stderr"; status = 2 }
  exit status
}
