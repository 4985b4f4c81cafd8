# SPDX-License-Identifier: Apache-2.0
# Boards and parts the scripts know, with what the part holds (AMD product tables; BRAM in blocks of
# 36 Kb). A board is a pattern of board files: get_board_parts finds the latest version.
namespace eval sb {
    variable parts
    array set parts {
        kv260  {part xck26-sfvc784-2LV-c  board xilinx.com:kv260_som:part0:*
            lut 117120  ff 234240  dsp 1248 bram 144  uram 64}
        zcu104 {part xczu7ev-ffvc1156-2-e board xilinx.com:zcu104:part0:*
            lut 230400  ff 460800  dsp 1728 bram 312  uram 96}
        u200   {part xcu200-fsgd2104-2-e  board xilinx.com:au200:part0:*
            lut 1182240 ff 2364480 dsp 6840 bram 2160 uram 960}
        u55c   {part xcu55c-fsvh2892-2L-e board xilinx.com:au55c:part0:*
            lut 1303680 ff 2607360 dsp 9024 bram 2016 uram 960}
    }
    # The part number of a board's short name, or the argument itself if it is a part number.
    proc part {name} {
        variable parts
        if {[info exists parts($name)]} { return [dict get $parts($name) part] }
        if {![regexp {^xc[a-z0-9]+-[a-z]+[0-9]+-[0-9A-Za-z-]+$} $name]} {
            error "part=$name: neither a part number nor one of [lsort [array names parts]]" "" \
                {SB ARGUMENT}
        }
        return $name
    }
}
