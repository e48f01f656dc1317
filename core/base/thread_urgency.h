#pragma once

namespace patchbay::base {

/// Names the calling thread and asks the system to let it run as soon as it has something to do, also where another
/// thread has just begun its share of the processor: for threads that serve devices. It costs nobody a share, needs no
/// privilege, and where the system knows no such thing (Linux before 6.12) nothing happens. [any-thread]
void begin_urgent_thread(const char* name);

/// Names the calling thread and makes it more willing than others to wait for a processor: for threads whose work may
/// come a little later, so that where there is too little devices come first. [any-thread]
void begin_patient_thread(const char* name);

/// Whether a patient thread may be made to run on leftovers, and among the others again: Linux lets it come back only
/// where the process has CAP_SYS_NICE, or RLIMIT_NICE is 20 less its nice value or more (sched(7); LimitNICE=+10 in
/// systemd). Tries it with a thread of its own, and waits for that. False also where the whole process runs on them.
/// [any-thread but shards]
[[nodiscard]] bool may_run_on_leftovers();

/// `leftovers`: the patient thread runs only while a processor has nothing else to do, and is no reason not to wake
/// another one there (SCHED_IDLE); it may starve, so somebody has to look after it. Else it is as it began. False: the
/// system refuses, or there is no such thread. [any-thread]
bool run_on_leftovers(int kernel_thread, bool leftovers);

/// [any-thread]
[[nodiscard]] bool runs_on_leftovers(int kernel_thread);

}  // namespace patchbay::base
