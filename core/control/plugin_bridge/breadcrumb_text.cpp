#include "plugin_bridge/breadcrumb_text.h"

#include <atomic>
#include <cstring>

namespace patchbay::plugin_bridge {

namespace {

std::atomic<CallPlaces*> watched{nullptr};

/// Appends to a buffer that may end anywhere. Nothing but stores: a signal handler runs this.
class Writer {
 public:
  Writer(char* text, size_t size) : text_(text), size_(size) {}

  void put(const char* from, size_t amount) {
    if (amount > size_ - used_) amount = size_ - used_;
    std::memcpy(text_ + used_, from, amount);
    used_ += amount;
  }
  template <size_t N>
  void put(const char (&literal)[N]) {
    put(literal, N - 1);
  }
  void put_number(size_t number) {
    char digits[20];
    size_t begin = sizeof digits;
    do {
      digits[--begin] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    put(digits + begin, sizeof digits - begin);
  }
  [[nodiscard]] size_t used() const { return used_; }

 private:
  char* text_;
  size_t size_;
  size_t used_ = 0;
};

void put_place(Writer& writer, const CallPlaces& places, size_t index, bool is_own) {
  const CallSite* site = places.at(index).site.load(std::memory_order_acquire);
  if (site == nullptr) return;
  writer.put(site->text.data(), site->text.size());
  if (index < places.shards()) {
    writer.put(", shard ");
    writer.put_number(index);
  } else if (index == places.shards()) {
    writer.put(", control");
  } else {
    writer.put(", worker ");
    writer.put_number(index - places.shards() - 1);
  }
  if (is_own) writer.put(" (this thread)");
  writer.put("\n");
}

}  // namespace

size_t breadcrumb_text(char* text, size_t size) {
  CallPlaces* places = watched.load(std::memory_order_acquire);
  if (places == nullptr) return 0;
  Writer writer(text, size);
  const CallPlace* own = places->current();
  for (size_t i = 0; i < places->size(); ++i) {
    if (&places->at(i) == own) put_place(writer, *places, i, true);
  }
  for (size_t i = 0; i < places->size(); ++i) {
    if (&places->at(i) != own) put_place(writer, *places, i, false);
  }
  return writer.used();
}

void set_breadcrumbs(CallPlaces* places) {
  watched.store(places, std::memory_order_release);
}

}  // namespace patchbay::plugin_bridge
