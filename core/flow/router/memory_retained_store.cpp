#include "router/memory_retained_store.h"

#include <string>
#include <utility>

#include "base/assert.h"
#include "router/text_hash.h"
#include "topic/topic_filter.h"

namespace patchbay::router {

namespace {

/// A change on its way to the owner of its topic; counted while it is, since its publisher may have been answered.
class SetMail final : public base::Mail {
 public:
  SetMail(RetainedTotals& totals, RetainedPartition& partition, mqtt::MessageRef message)
      : totals_(totals), partition_(partition), message_(std::move(message)) {
    totals_.on_the_way.fetch_add(1, std::memory_order_relaxed);
  }
  ~SetMail() override { totals_.on_the_way.fetch_sub(1, std::memory_order_release); }
  void run() override { partition_.set(message_); }

 private:
  RetainedTotals& totals_;
  RetainedPartition& partition_;
  mqtt::MessageRef message_;
};

}  // namespace

/// A look-up on its way: first to the partition's owner, which fills the page, then back to the asker.
class MemoryRetainedStore::Query final : public base::Mail {
 public:
  Query(const RetainedDirectory& directory, base::ShardId asker, std::string_view filter, const RetainedCursor& cursor,
        size_t maximum_messages, PageReply reply)
      : directory_(directory),
        asker_(asker),
        filter_(filter),
        maximum_messages_(maximum_messages),
        reply_(std::move(reply)) {
    page_.next = cursor;
  }

  void run() override {
    if (filled_) {
      reply_(std::move(page_));
      return;
    }
    const base::ShardId partition = page_.next.partition;
    directory_.partitions[partition]->fill_page(filter_, maximum_messages_, page_);
    if (page_.next.done && topic::has_wildcard(filter_)) go_to_next_partition();
    filled_ = true;
    // The box is given to whoever runs it, so the way back needs a box of its own; the content moves.
    directory_.fan_outs[partition]->post(asker_, std::make_unique<Query>(std::move(*this)));
  }

 private:
  void go_to_next_partition() {
    if (page_.next.partition + 1U >= directory_.partitions.size()) return;
    ++page_.next.partition;
    page_.next.done = false;
  }

  const RetainedDirectory& directory_;
  base::ShardId asker_;
  std::string filter_;
  size_t maximum_messages_;
  PageReply reply_;
  RetainedPage page_;
  bool filled_ = false;
};

MemoryRetainedStore::MemoryRetainedStore(const RouterLimits& limits, const base::ShardServices& services,
                                         distribution::FanOut& fan_out, RetainedDirectory& directory)
    : services_(services), fan_out_(fan_out), directory_(directory), partition_(limits, services, directory.totals) {
  PATCHBAY_ASSERT(services.id < directory.partitions.size());
  directory.partitions[services.id] = &partition_;
  directory.fan_outs[services.id] = &fan_out;
}

base::ShardId MemoryRetainedStore::owner_of(std::string_view topic_name) const {
  return static_cast<base::ShardId>(hash_text(topic_name, 0) % directory_.partitions.size());
}

void MemoryRetainedStore::set(const mqtt::MessageRef& message) {
  const base::ShardId owner = owner_of(message->topic());
  if (owner == services_.id) {
    partition_.set(message);
  } else {
    fan_out_.post(owner, std::make_unique<SetMail>(directory_.totals, *directory_.partitions[owner], message));
  }
}

void MemoryRetainedStore::clear(std::string_view topic_name) {
  const base::ShardId owner = owner_of(topic_name);
  if (owner == services_.id) {
    partition_.clear(topic_name);
    return;
  }
  RetainedPartition& partition = *directory_.partitions[owner];
  fan_out_.post(owner, base::make_task([&partition, name = std::string(topic_name)] { partition.clear(name); }));
}

RetainedCursor MemoryRetainedStore::begin(std::string_view filter) const {
  RetainedCursor cursor;
  // In this order: a message stops being on its way only when it has been counted.
  cursor.done = directory_.totals.on_the_way.load(std::memory_order_acquire) == 0 && message_count() == 0;
  if (!topic::has_wildcard(filter)) cursor.partition = owner_of(filter);
  return cursor;
}

void MemoryRetainedStore::request_page(std::string_view filter, const RetainedCursor& cursor, size_t maximum_messages,
                                       PageReply reply) {
  PATCHBAY_ASSERT(!cursor.done && cursor.partition < directory_.partitions.size());
  fan_out_.post(cursor.partition,
                std::make_unique<Query>(directory_, services_.id, filter, cursor, maximum_messages, std::move(reply)));
}

uint64_t MemoryRetainedStore::message_count() const {
  return directory_.totals.messages.load(std::memory_order_relaxed);
}

uint64_t MemoryRetainedStore::byte_count() const {
  return directory_.totals.bytes.load(std::memory_order_relaxed);
}

}  // namespace patchbay::router
