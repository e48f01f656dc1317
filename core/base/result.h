#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace patchbay::base {

/// Wraps an error so that `return fail(error);` converts to any Result with that error type.
template <class E>
struct Failure {
  E error;
};

template <class E>
[[nodiscard]] constexpr Failure<std::decay_t<E>> fail(E&& error) {
  return {std::forward<E>(error)};
}

/// A value, or the error that explains why there is none. Must be looked at. Reading the side that is not there is an
/// assertion.
template <class T, class E>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: conversion is the purpose
  template <class F>
  constexpr Result(Failure<F> failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}  // NOLINT

  [[nodiscard]] constexpr bool has_value() const { return state_.index() == 0; }
  constexpr explicit operator bool() const { return has_value(); }

  [[nodiscard]] constexpr T& value() & {
    PATCHBAY_ASSERT(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] constexpr const T& value() const& {
    PATCHBAY_ASSERT(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] constexpr T&& value() && {
    PATCHBAY_ASSERT(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  [[nodiscard]] constexpr const E& error() const {
    PATCHBAY_ASSERT(!has_value());
    return *std::get_if<1>(&state_);
  }

  constexpr T* operator->() { return &value(); }
  constexpr const T* operator->() const { return &value(); }
  constexpr T& operator*() & { return value(); }
  constexpr const T& operator*() const& { return value(); }

 private:
  std::variant<T, E> state_;
};

}  // namespace patchbay::base
