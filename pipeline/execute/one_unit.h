// SPDX-License-Identifier: MIT
// For an executor: the one session there is.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "pipeline/execute/executor.h"

namespace quadrant {

class OneUnit final : public Units {
 public:
  // `path`: where it writes.
  OneUnit(std::unique_ptr<Session> session, std::string path)
      : session_(std::move(session)), path_(std::move(path)) {}

  std::unique_ptr<Unit> next() override {
    return session_ ? std::make_unique<Only>(*this, std::move(session_)) : nullptr;
  }
  void rethrow() const {  // what failed, if anything did
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  class Only final : public Unit {
   public:
    Only(OneUnit& units, std::unique_ptr<Session> session)
        : units_(units), session_(std::move(session)) {}
    std::unique_ptr<Session> open() override { return std::move(session_); }
    std::string part_path() const override { return units_.path_; }
    void done(std::exception_ptr failure) noexcept override { units_.failure_ = failure; }

   private:
    OneUnit& units_;
    std::unique_ptr<Session> session_;
  };

  std::unique_ptr<Session> session_;
  std::string path_;
  std::exception_ptr failure_;
};

}  // namespace quadrant
