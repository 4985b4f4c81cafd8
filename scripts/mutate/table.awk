# SPDX-License-Identifier: Apache-2.0
# results.tsv of scripts/mutate.sh to a table per file, and those that survived. Status 1 if any.
function row(file, made, killed, survived, equivalent, refused) {
  share = killed + survived ? sprintf("%.1f %%", 100 * killed / (killed + survived)) : "-"
  printf "| %s | %d | %d | %d | %d | %d | %s |\n",
         file, made, killed, survived, equivalent, refused, share
}
BEGIN {
  FS = "\t"
  print "| file | made | killed | survived | equivalent | refused | killed of killed and survived |"
  print "|---|---|---|---|---|---|---|"
}
!($1 in made) { files[++count] = $1 }
{ made[$1]++; n[$1, $6]++; made_all++; all[$6]++ }
$6 == "survived" { list = list "survived: " $1 ":" $3 "\t" $4 "\t" $5 "\n" }
END {
  for (i = 1; i <= count; i++)
    for (j = i + 1; j <= count; j++)
      if (files[j] < files[i]) { t = files[i]; files[i] = files[j]; files[j] = t }
  for (i = 1; i <= count; i++) {
    f = files[i]
    row(f, made[f], n[f, "killed"], n[f, "survived"], n[f, "equivalent"], n[f, "refused"])
  }
  row("all", made_all, all["killed"], all["survived"], all["equivalent"], all["refused"])
  printf "%s", list
  exit all["survived"] > 0
}
