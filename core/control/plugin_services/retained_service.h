#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "patchbay/retained.h"
#include "plugin_services/query_answers.h"
#include "plugin_services/service_account.h"
#include "plugin_services/service_shards.h"
#include "router/retained_store.h"

namespace patchbay::plugin_services {

/// patchbay.retained/1 for one instance. A page is collected in the bounded steps of the store. All [any-thread].
class RetainedService {
 public:
  static constexpr uint32_t kMaximumPage = 1'000;
  /// Look-ups that were begun and not gone on with to their end; the oldest is forgotten for another.
  static constexpr size_t kMaximumCursors = 256;

  RetainedService(ServiceAccount& account, const ServiceShards& shards, QueryAnswers& answers)
      : account_(account), shards_(shards), answers_(answers) {}

  patchbay_status find(std::string_view topic, patchbay_retained_fn function, void* self);
  patchbay_status match(std::string_view topic_filter, uint64_t cursor, uint32_t limit, patchbay_retained_fn function,
                        void* self);
  patchbay_status remove(std::string_view topic);

 private:
  struct Lookup;
  struct Place {
    std::string topic_filter;
    router::RetainedCursor cursor;
  };

  [[nodiscard]] uint32_t shard_of_caller() const;
  [[nodiscard]] std::optional<router::RetainedCursor> take_place(uint64_t cursor, std::string_view topic_filter);
  [[nodiscard]] uint64_t keep_place(Place place);
  void begin(std::shared_ptr<Lookup> lookup);
  void go_on(const std::shared_ptr<Lookup>& lookup);
  void finish(const std::shared_ptr<Lookup>& lookup);

  ServiceAccount& account_;
  const ServiceShards& shards_;
  QueryAnswers& answers_;
  std::mutex mutex_;  // guards what follows
  std::map<uint64_t, Place> places_;
  uint64_t next_ = 1;
};

}  // namespace patchbay::plugin_services
