#pragma once

namespace patchbay::base {

/// Names the calling thread and asks the system to let it run as soon as it has something to do, also where another
/// thread has just begun its share of the processor: for threads that serve devices. It costs nobody a share, needs no
/// privilege, and where the system knows no such thing (Linux before 6.12) nothing happens. [any-thread]
void begin_urgent_thread(const char* name);

/// Names the calling thread and makes it more willing than others to wait for a processor: for threads whose work may
/// come a little later, so that where there is too little devices come first. [any-thread]
void begin_patient_thread(const char* name);

}  // namespace patchbay::base
