#include "base/inline_vector.h"

#include <catch2/catch.hpp>
#include <cstddef>
#include <memory>
#include <numeric>
#include <string>

using patchbay::base::InlineVector;

namespace {

// Counts how many of its kind live.
class Counted {
 public:
  explicit Counted(int& living, int value) : living_(&living), value_(value) { ++*living_; }
  Counted(Counted&& other) noexcept : living_(other.living_), value_(other.value_) { ++*living_; }
  Counted& operator=(Counted&&) = delete;
  ~Counted() { --*living_; }
  [[nodiscard]] int value() const { return value_; }

 private:
  int* living_;
  int value_;
};

}  // namespace

TEST_CASE("an empty row has no elements") {
  const InlineVector<int, 2> row{};
  CHECK(row.empty());
  CHECK(row.size() == 0);
  CHECK(row.begin() == row.end());
  CHECK(row.is_inside());
}

TEST_CASE("a short row lies in the object itself") {
  InlineVector<int, 3> row;
  for (int value = 1; value <= 3; ++value) row.push_back(value);
  const auto* from = reinterpret_cast<const std::byte*>(&row);
  const auto* data = reinterpret_cast<const std::byte*>(row.data());
  CHECK(data >= from);
  CHECK(data < from + sizeof(row));
  CHECK(row.is_inside());
  CHECK(row[0] == 1);
  CHECK(row[2] == 3);
}

TEST_CASE("a row that outgrows the object keeps its elements in their order") {
  InlineVector<int, 2> row;
  for (int value = 0; value < 1'000; ++value) {
    row.push_back(value);
    REQUIRE(row.size() == static_cast<size_t>(value) + 1);
  }
  CHECK_FALSE(row.is_inside());
  int expected = 0;
  for (const int value : row) REQUIRE(value == expected++);
  CHECK(std::accumulate(row.begin(), row.end(), 0) == 499'500);
}

TEST_CASE("elements that can only be moved are moved when it grows") {
  InlineVector<std::unique_ptr<std::string>, 1> row;
  for (int i = 0; i < 20; ++i) row.push_back(std::make_unique<std::string>(std::to_string(i)));
  for (size_t i = 0; i < 20; ++i) CHECK(*row[i] == std::to_string(i));
}

TEST_CASE("every element is destroyed once, whether the row was short or long") {
  int living = 0;
  for (int count = 0; count <= 9; ++count) {
    InlineVector<Counted, 4> row;
    for (int i = 0; i < count; ++i) row.push_back(Counted(living, i));
    CHECK(living == count);
    for (int i = 0; i < count; ++i) CHECK(row[static_cast<size_t>(i)].value() == i);
  }
  CHECK(living == 0);
}

TEST_CASE("what push_back gives is the element") {
  InlineVector<int, 1> row;
  row.push_back(1);
  row.push_back(2) = 7;
  CHECK(row[1] == 7);
}

TEST_CASE("a row that was cleared is empty, has destroyed its elements and takes new ones where the old ones were") {
  int living = 0;
  for (const int count : {0, 3, 9}) {
    InlineVector<Counted, 4> row;
    for (int i = 0; i < count; ++i) row.push_back(Counted(living, i));
    const bool inside = row.is_inside();
    row.clear();
    CHECK(living == 0);
    CHECK(row.empty());
    CHECK(row.begin() == row.end());
    CHECK(row.is_inside() == inside);
    for (int i = 0; i < count; ++i) row.push_back(Counted(living, 100 + i));
    CHECK(living == count);
    for (int i = 0; i < count; ++i) CHECK(row[static_cast<size_t>(i)].value() == 100 + i);
    CHECK(row.is_inside() == inside);
  }
  CHECK(living == 0);
}
