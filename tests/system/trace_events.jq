# SPDX-License-Identifier: Apache-2.0
# What is wrong with a file in the Trace Event format (JSON object form, complete and metadata
# events), a line each: fields and their types, a name for every track, events of a track one after
# the other. With $figures, the --json of the same run: lost cycles of each reason, words and the
# end of the last command are those of the run.
def named: [.[] | select(.ph == "M" and .name == "thread_name") | [.pid, .tid]];
def tracks: map(select(.ph == "X")) | group_by([.pid, .tid]);
if type != "object" or (.traceEvents | type) != "array" then "no traceEvents"
else
  (select(.displayTimeUnit | IN(null, "ms", "ns") | not) | "displayTimeUnit \(.displayTimeUnit)"),
  (.traceEvents | to_entries[] | .key as $i | .value
    | if type != "object" then "event \($i) is no object"
      elif (.ph | IN("X", "M") | not) then "event \($i): ph \(.ph)"
      elif (.name | type) != "string" or .name == "" then "event \($i): name"
      elif (.pid | type) != "number" or (.tid | type) != "number" then "event \($i): pid, tid"
      elif .ph == "M" and ((.name | IN("process_name", "thread_name") | not)
          or (.args.name | type) != "string") then "event \($i): metadata"
      elif .ph == "X" and ((.ts | type) != "number" or (.dur | type) != "number"
          or .ts < 0 or .dur < 0) then "event \($i): ts, dur"
      else empty end),
  (.traceEvents | named as $named | tracks[] | .[0] | [.pid, .tid]
    | . as $track | select(any($named[]; . == $track) | not) | "track \(.) has no name"),
  (.traceEvents | tracks[] | sort_by(.ts) | . as $e | range(1; length)
    | select($e[. - 1].ts + $e[. - 1].dur > $e[.].ts)
    | "\($e[. - 1].name) and \($e[.].name) overlap"),
  (select($figures != null) | .traceEvents as $all
    | ($figures.cycles_by_reason | to_entries[] | select(.key != "WhyBusy") | .key as $reason
        | .value - ([$all[] | select(.ph == "X" and .name == $reason) | .dur] | add // 0)
        | select(. != 0) | "\($reason): \(.) cycles missing"),
      ($figures.cycles_by_reason.WhyBusy - ([$all[] | .args.words? // 0] | add // 0)
        | select(. != 0) | "\(.) words missing"),
      ($figures.commands[-1].last_issue + 1
        - ([$all[] | select(.args.words?) | .ts + .dur] | max // 0)
        | select(. != 0) | "the last command ends \(.) cycles early"))
end
