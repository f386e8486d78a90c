// SPDX-License-Identifier: MIT
#include "pipeline/failure.h"

#include <algorithm>
#include <cmath>
#include <new>

namespace quadrant {
namespace {

constexpr double first_pause = 0.5, longest_pause = 30;  // seconds

template <class F>
auto with(std::exception_ptr failure, F of_error) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return of_error(error);
  } catch (const std::bad_alloc&) {
    return of_error(Error(Fault::temporary, "out of memory"));
  } catch (const std::exception& error) {
    return of_error(Error(Fault::internal, error.what()));
  }
}

bool died(const Error& error) { return dynamic_cast<const UnitDied*>(&error) != nullptr; }

}  // namespace

bool may_pass(std::exception_ptr failure) noexcept {
  return with(failure, [](const Error& e) { return e.fault() == Fault::temporary || died(e); });
}

std::optional<Fault> fault_of_death(std::exception_ptr failure) noexcept {
  return with(failure,
              [](const Error& e) { return died(e) ? std::optional(e.fault()) : std::nullopt; });
}

Fault fault_of(std::exception_ptr failure) noexcept {
  return with(failure, [](const Error& e) { return e.fault(); });
}

std::string what_of(std::exception_ptr failure) noexcept {
  return with(failure, [](const Error& e) { return std::string(e.what()); });
}

double pause_seconds(std::exception_ptr failure, int tries) noexcept {
  const bool at_once = with(failure, died);
  return at_once ? 0 : std::min(longest_pause, first_pause * std::pow(2, tries - 1));
}

}  // namespace quadrant
