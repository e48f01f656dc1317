// An inline variable, which g++ makes one for the whole process unless it is told otherwise.
#include "plugin_entry.h"

inline int shared_by_accident = 1;
int use_it() {
  return ++shared_by_accident;
}

TEST_MANIFEST(R"({"id":"com.example.gnu-unique","version":"1.0.0"})");
TEST_ENTRY();
