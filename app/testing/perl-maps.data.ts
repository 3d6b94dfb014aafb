/** A real /proc/PID/maps of perl, as Linux prints it. */
export const PERL_MAPS = `
55f00bddc000-55f00be25000 r--p 00000000 fe:00 2170914                    /usr/bin/perl
55f00be25000-55f00bfba000 r-xp 00049000 fe:00 2170914                    /usr/bin/perl
55f00bfba000-55f00c16c000 r--p 001de000 fe:00 2170914                    /usr/bin/perl
55f00c16c000-55f00c17c000 r--p 0038f000 fe:00 2170914                    /usr/bin/perl
55f00c17c000-55f00c17f000 rw-p 0039f000 fe:00 2170914                    /usr/bin/perl
55f00c17f000-55f00c185000 rw-p 00000000 00:00 0
55f02d078000-55f02d0ba000 rw-p 00000000 00:00 0                          [heap]
7f34c4019000-7f34c401a000 r--p 00000000 fe:00 329641                     /usr/lib/locale/C.utf8/LC_NAME
7f34c401a000-7f34c401b000 r--p 00000000 fe:00 329644                     /usr/lib/locale/C.utf8/LC_TELEPHONE
7f34c401b000-7f34c401c000 r--p 00000000 fe:00 329643                     /usr/lib/locale/C.utf8/LC_PAPER
7f34c401c000-7f34c401d000 r--p 00000000 fe:00 329637                     /usr/lib/locale/C.utf8/LC_MEASUREMENT
7f34c401d000-7f34c401e000 r--p 00000000 fe:00 329636                     /usr/lib/locale/C.utf8/LC_IDENTIFICATION
7f34c401e000-7f34c401f000 r--p 00000000 fe:00 329633                     /usr/lib/locale/C.utf8/LC_ADDRESS
7f34c401f000-7f34c4020000 r--p 00000000 fe:00 329640                     /usr/lib/locale/C.utf8/LC_MONETARY
7f34c4020000-7f34c4021000 r--p 00000000 fe:00 329639                     /usr/lib/locale/C.utf8/LC_MESSAGES/SYS_LC_MESSAGES
7f34c4021000-7f34c4078000 r--p 00000000 fe:00 329635                     /usr/lib/locale/C.utf8/LC_CTYPE
7f34c4078000-7f34c407a000 rw-p 00000000 00:00 0
7f34c407a000-7f34c407c000 r--p 00000000 fe:00 339403                     /usr/lib/x86_64-linux-gnu/libcrypt.so.1.1.0
7f34c407c000-7f34c4092000 r-xp 00002000 fe:00 339403                     /usr/lib/x86_64-linux-gnu/libcrypt.so.1.1.0
7f34c4092000-7f34c40ac000 r--p 00018000 fe:00 339403                     /usr/lib/x86_64-linux-gnu/libcrypt.so.1.1.0
7f34c40ac000-7f34c40ad000 r--p 00031000 fe:00 339403                     /usr/lib/x86_64-linux-gnu/libcrypt.so.1.1.0
7f34c40ad000-7f34c40ae000 rw-p 00032000 fe:00 339403                     /usr/lib/x86_64-linux-gnu/libcrypt.so.1.1.0
7f34c40ae000-7f34c40b6000 rw-p 00000000 00:00 0
7f34c40b6000-7f34c40dc000 r--p 00000000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7f34c40dc000-7f34c4232000 r-xp 00026000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7f34c4232000-7f34c4285000 r--p 0017c000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7f34c4285000-7f34c4289000 r--p 001cf000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7f34c4289000-7f34c428b000 rw-p 001d3000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7f34c428b000-7f34c4298000 rw-p 00000000 00:00 0
7f34c4298000-7f34c42a8000 r--p 00000000 fe:00 339704                     /usr/lib/x86_64-linux-gnu/libm.so.6
7f34c42a8000-7f34c431c000 r-xp 00010000 fe:00 339704                     /usr/lib/x86_64-linux-gnu/libm.so.6
7f34c431c000-7f34c4376000 r--p 00084000 fe:00 339704                     /usr/lib/x86_64-linux-gnu/libm.so.6
7f34c4376000-7f34c4377000 r--p 000dd000 fe:00 339704                     /usr/lib/x86_64-linux-gnu/libm.so.6
7f34c4377000-7f34c4378000 rw-p 000de000 fe:00 339704                     /usr/lib/x86_64-linux-gnu/libm.so.6
7f34c4378000-7f34c4379000 r--p 00000000 fe:00 329645                     /usr/lib/locale/C.utf8/LC_TIME
7f34c4379000-7f34c437a000 r--p 00000000 fe:00 329634                     /usr/lib/locale/C.utf8/LC_COLLATE
7f34c437a000-7f34c4381000 r--s 00000000 fe:00 338846                     /usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache
7f34c4381000-7f34c4382000 r--p 00000000 fe:00 329642                     /usr/lib/locale/C.utf8/LC_NUMERIC
7f34c4382000-7f34c4384000 rw-p 00000000 00:00 0
7f34c4384000-7f34c4388000 r--p 00000000 00:00 0                          [vvar]
7f34c4388000-7f34c438a000 r--p 00000000 00:00 0                          [vvar_vclock]
7f34c438a000-7f34c438c000 r-xp 00000000 00:00 0                          [vdso]
7f34c438c000-7f34c438d000 r--p 00000000 fe:00 338944                     /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
7f34c438d000-7f34c43b3000 r-xp 00001000 fe:00 338944                     /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
7f34c43b3000-7f34c43bd000 r--p 00027000 fe:00 338944                     /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
7f34c43bd000-7f34c43bf000 r--p 00031000 fe:00 338944                     /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
7f34c43bf000-7f34c43c1000 rw-p 00033000 fe:00 338944                     /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
7ffc41146000-7ffc41167000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;
