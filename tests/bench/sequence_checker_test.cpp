#include "bench/sequence_checker.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <initializer_list>

using namespace patchbay::bench;

namespace {

template <typename Checker>
Checker fed(std::initializer_list<std::uint64_t> sequences) {
  Checker checker;
  for (std::uint64_t sequence : sequences) checker.on_sequence(sequence);
  return checker;
}

SequenceChecker checked(std::initializer_list<std::uint64_t> sequences) {
  return fed<SequenceChecker>(sequences);
}

}  // namespace

TEST_CASE("numbers in order are no fault") {
  SequenceChecker checker = checked({0, 1, 2, 3});
  CHECK(checker.distinct() == 4);
  CHECK(checker.duplicates() == 0);
  CHECK(checker.order_violations() == 0);
  CHECK(checker.lost(4) == 0);
}

TEST_CASE("what never came is lost, at the front, in the middle and at the end") {
  CHECK(checked({1, 2}).lost(3) == 1);
  CHECK(checked({0, 2}).lost(3) == 1);
  CHECK(checked({0, 1}).lost(3) == 1);
  CHECK(checked({}).lost(3) == 3);
  CHECK(checked({0, 5}).lost(10) == 8);
}

TEST_CASE("a gap alone is a loss, not a violation of order") {
  SequenceChecker checker = checked({0, 4, 5});
  CHECK(checker.order_violations() == 0);
  CHECK(checker.duplicates() == 0);
  CHECK(checker.lost(6) == 3);
}

TEST_CASE("a number that comes after a later one violates the order and is not lost") {
  SequenceChecker checker = checked({0, 2, 1, 3});
  CHECK(checker.order_violations() == 1);
  CHECK(checker.duplicates() == 0);
  CHECK(checker.lost(4) == 0);
}

TEST_CASE("a number that came before is a duplicate, also one that filled a gap") {
  SequenceChecker checker = checked({0, 1, 1, 0, 4, 3, 3});
  CHECK(checker.duplicates() == 3);
  CHECK(checker.order_violations() == 1);
  CHECK(checker.lost(5) == 1);
}

TEST_CASE("a gap is filled from either end and from the middle") {
  SequenceChecker checker = checked({0, 10, 5, 1, 9, 2, 8, 4, 6, 3, 7});
  CHECK(checker.order_violations() == 9);
  CHECK(checker.duplicates() == 0);
  CHECK(checker.distinct() == 11);
  CHECK(checker.lost(11) == 0);
}

TEST_CASE("any order of many numbers ends without loss and without duplicates") {
  SequenceChecker checker;
  constexpr std::uint64_t kCount = 1009;  // a prime: the steps below visit each number once
  for (std::uint64_t i = 0; i < kCount; ++i) checker.on_sequence((i * 271) % kCount);
  CHECK(checker.distinct() == kCount);
  CHECK(checker.duplicates() == 0);
  CHECK(checker.lost(kCount) == 0);
}

TEST_CASE("more gaps than are remembered still give the right loss") {
  SequenceChecker checker;
  constexpr std::uint64_t kCount = 20'000;
  for (std::uint64_t i = 0; i < kCount; i += 2) checker.on_sequence(i);
  CHECK(checker.lost(kCount) == kCount / 2);
  // The newest gaps are the ones that are remembered.
  checker.on_sequence(kCount - 3);
  CHECK(checker.order_violations() == 1);
}

TEST_CASE("a member of a shared subscription may miss numbers but must see them ascending") {
  CHECK(fed<SharedOrderChecker>({3, 7, 9}).order_violations() == 0);
  CHECK(fed<SharedOrderChecker>({3, 7, 5, 9}).order_violations() == 1);
  CHECK(fed<SharedOrderChecker>({3, 3}).order_violations() == 1);
}

TEST_CASE("a bitmap counts each number once and the others as duplicates") {
  DeliveryBitmap bitmap = fed<DeliveryBitmap>({0, 63, 64, 1'000'000, 64});
  CHECK(bitmap.distinct() == 4);
  CHECK(bitmap.duplicates() == 1);
}

TEST_CASE("joined bitmaps see the duplicates that neither saw alone") {
  DeliveryBitmap first = fed<DeliveryBitmap>({0, 1, 2, 2});
  DeliveryBitmap second = fed<DeliveryBitmap>({2, 3, 500});
  first.merge(second);
  CHECK(first.distinct() == 5);
  CHECK(first.duplicates() == 2);
  first.merge(DeliveryBitmap());
  CHECK(first.distinct() == 5);
}
