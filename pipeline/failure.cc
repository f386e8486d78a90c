// SPDX-License-Identifier: MIT
#include "pipeline/failure.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <opencv2/core.hpp>
#include <string_view>
#include <system_error>

#include "pipeline/begin_thread.h"

namespace quadrant {
namespace {

constexpr double first_pause = 0.5, longest_pause = 30;  // seconds

// std::thread's exception, and oneTBB's, which has no type of its own.
bool is_lack_of_threads(const std::exception& error) {
  if (const auto* system = dynamic_cast<const std::system_error*>(&error))
    return system->code() == std::errc::resource_unavailable_try_again;
  return std::string_view(error.what()).starts_with("pthread_create has failed");
}

constexpr const char* out_of_memory = "out of memory";

template <class F>
auto with(std::exception_ptr failure, F of_error) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return of_error(error);
  } catch (const std::exception& error) {
    if (const char* lack = lack_in(failure)) return of_error(Error(Fault::temporary, lack));
    return of_error(Error(Fault::internal, error.what()));
  } catch (...) {
    return of_error(Error(Fault::internal, "an exception of an unknown type"));
  }
}

bool died(const Error& error) { return dynamic_cast<const UnitDied*>(&error) != nullptr; }

}  // namespace

const char* lack_in(std::exception_ptr failure) noexcept {
  try {
    std::rethrow_exception(failure);
  } catch (const std::bad_alloc&) {
    return out_of_memory;
  } catch (const cv::Exception& error) {
    return error.code == cv::Error::StsNoMem ? out_of_memory : nullptr;
  } catch (const std::exception& error) {
    return is_lack_of_threads(error) ? no_thread_left : nullptr;
  } catch (...) {
    return nullptr;
  }
}

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
