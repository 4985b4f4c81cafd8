# SPDX-License-Identifier: Apache-2.0
# Modules of a design that are alike, from its RTLIL: prints `chtype -set FIRST t:OTHER` for each
# but the first of them, so that Yosys synthesizes one. read_slang makes a module of every instance.
#
# Alike: the same name before its path, the same text but for where it comes from (src, hdlname)
# and for names that the frontend made up, and instances that are alike, too. First all modules of a
# name are taken to be, then those that differ are told apart until nothing changes.
/^module / {
  name = $2; base[name] = name; sub(/\$.*/, "", base[name])
  order[++count] = name; class[name] = base[name]
  inside = 1; lines = made = 0; split("", number)
  next
}
/^end/ { inside = 0; size[name] = lines; next }
!inside || /^ *attribute \\(src|hdlname) / { next }
{
  child = ""
  if ($1 == "cell" && $2 ~ /^\\/) { child = $2; $2 = "" }
  for (i = 1; i <= NF; ++i)
    if ($i ~ /^\$.*[0-9]/ && !($1 == "cell" && i == 2)) {
      if (!($i in number)) number[$i] = ++made
      $i = "$" number[$i]
    }
  text[name, ++lines] = $0; type[name, lines] = child
}
END {
  do {
    before = classes; classes = 0; split("", known)
    for (m = 1; m <= count; ++m) {
      name = order[m]; key = class[name]
      for (l = 1; l <= size[name]; ++l) {
        child = type[name, l]
        key = key "\n" text[name, l] (child == "" ? "" : class[child])
      }
      if (!(key in known)) known[key] = ++classes
      next_class[name] = known[key]
    }
    for (m = 1; m <= count; ++m) class[order[m]] = next_class[order[m]]
  } while (classes != before)
  for (m = 1; m <= count; ++m) {
    name = order[m]
    if (!(class[name] in first)) { first[class[name]] = substr(name, 2); continue }
    pattern = substr(name, 2); gsub(/[][*?]/, "?", pattern)
    print "chtype -set " first[class[name]] " t:" pattern
  }
}
