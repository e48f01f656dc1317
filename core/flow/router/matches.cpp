#include "router/matches.h"

#include <algorithm>
#include <utility>

namespace patchbay::router {

namespace {

uint64_t filter_bit(distribution::SubscriberHandle subscriber) {
  return uint64_t{1} << (subscriber.value() * 0x9E3779B97F4A7C15U >> 58);
}

}  // namespace

Matches::List Matches::gather() {
  const auto largest =
      std::max_element(lists_.begin(), lists_.end(), [](const List& a, const List& b) { return a.size < b.size; });
  std::iter_swap(largest, lists_.end() - 1);
  gathered_.clear();
  filter_ = 0;
  for (size_t i = 0; i + 1 < lists_.size(); ++i) {
    const auto append = [this](const distribution::Delivery& delivery) {
      gathered_.push_back(delivery);
      filter_ |= filter_bit(delivery.subscriber);
    };
    stream(lists_[i], append);
  }
  std::sort(gathered_.begin(), gathered_.end(), [](const auto& left, const auto& right) {
    return std::pair(left.subscriber, left.subscription_identifier) <
           std::pair(right.subscriber, right.subscription_identifier);
  });
  seen_.assign(gathered_.size(), 0);
  return lists_.back();
}

Matches::Run Matches::run_at(size_t first) const {
  size_t end = first;
  while (end < gathered_.size() && gathered_[end].subscriber == gathered_[first].subscriber) ++end;
  return {first, end};
}

Matches::Run Matches::take(distribution::SubscriberHandle subscriber) {
  if ((filter_ & filter_bit(subscriber)) == 0) return {0, 0};
  const auto found =
      std::lower_bound(gathered_.begin(), gathered_.end(), subscriber,
                       [](const distribution::Delivery& delivery, distribution::SubscriberHandle wanted) {
                         return delivery.subscriber < wanted;
                       });
  if (found == gathered_.end() || found->subscriber != subscriber) return {0, 0};
  const auto first = static_cast<size_t>(found - gathered_.begin());
  seen_[first] = 1;
  return run_at(first);
}

}  // namespace patchbay::router
