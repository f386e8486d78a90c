// SPDX-License-Identifier: MIT
// The ledger of an input: of every stream and property, whether the output keeps it, holds it
// converted, or loses it. Tags are summed up, or a file with many of them would hide the rest.
#include <algorithm>

#include "pipeline/plan/graph.h"
#include "pipeline/plan/plan.h"

namespace quadrant {
namespace {

constexpr std::ptrdiff_t most_named = 6;

std::string joined(const std::vector<std::string>& names, const char* between = ", ") {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : between) + name;
  return text;
}

std::string summed_up(std::vector<std::string> names) {
  const std::ptrdiff_t more = std::ssize(names) - most_named;
  if (more <= 0) return joined(names);
  names.resize(most_named);
  return fmt::format("{} and {} more", joined(names), more);
}

// "language deu, role forced, tags title, artist and 3 more"
std::string properties_of(const OutputPlan& output, int stream) {
  constexpr std::string_view prefix = "metadata ";
  std::vector<std::string> tags, others;
  for (const KeptProperty& kept : output.kept) {
    if (kept.stream != stream) continue;
    const bool is_tag = kept.what.starts_with(prefix);
    const std::string name = is_tag ? kept.what.substr(prefix.size()) : kept.what;
    if (name == "language")
      others.push_back("language " + kept.text);
    else
      (is_tag ? tags : others).push_back(name);
  }
  const char* word = tags.size() == 1 ? "tag " : "tags ";
  if (!tags.empty()) others.push_back(word + summed_up(std::move(tags)));
  return joined(others);
}

std::string what_it_becomes(const StreamPlan& s, const OutputPlan& output, bool is_video) {
  if (is_video)
    return fmt::format("{}, encoded by {}", output.video.format.describe(), output.video.encoder);
  return s.reason.empty() ? fmt::format("{}, encoded by {}", s.codec, s.encoder)
                          : fmt::format("{}, as {}", s.codec, s.reason);
}

void add_stream(std::vector<LedgerLine>& ledger, const StreamPlan& s, const Plan& plan) {
  const bool is_video = s.input_stream == plan.input.video;
  const StreamInfo& info = plan.input.streams[static_cast<std::size_t>(s.input_stream)];
  const std::string subject = fmt::format("#{} {}", s.input_stream, name_of(info.kind));
  std::string kept = properties_of(plan.output, s.input_stream);
  switch (s.action) {
    case StreamPlan::Action::leave_out:
      if (!s.is_lost) ledger.push_back({"left out", subject, s.reason});
      return;
    case StreamPlan::Action::encode:
      ledger.push_back(
          {"converted", subject,
           fmt::format("from {} to {}", info.codec, what_it_becomes(s, plan.output, is_video)),
           !is_video && !s.reason.empty()});
      break;
    case StreamPlan::Action::copy:
      kept = fmt::format("{} as it is{}{}{}", info.codec, s.is_other_video ? ", not processed" : "",
                         kept.empty() ? "" : "; ", kept);
      break;
  }
  if (!kept.empty()) ledger.push_back({"kept", subject, kept, s.is_other_video});
}

// Losses begin with what they are about: "#1 audio aac ...: language deu: avi cannot hold it".
void add_losses(std::vector<LedgerLine>& ledger, const Plan& plan) {
  for (const std::string& loss : plan.losses) {
    LedgerLine line{"lost", "file", loss};
    for (const StreamPlan& s : plan.output.streams)
      if (loss.starts_with(s.what + ": "))
        line = {"lost", s.what.substr(0, s.what.find(' ', s.what.find(' ') + 1)),
                loss.substr(s.what.size() + 2)};
    ledger.push_back(std::move(line));
  }
}

}  // namespace

std::vector<LedgerLine> ledger_of(const Plan& plan) {
  std::vector<LedgerLine> ledger;
  for (const std::string& note : plan.input.notes)
    ledger.push_back({"converted", "input", note, true});
  for (const StreamPlan& s : plan.output.streams) add_stream(ledger, s, plan);
  if (const std::string kept = properties_of(plan.output, KeptProperty::of_file); !kept.empty())
    ledger.push_back({"kept", "file", kept});
  add_losses(ledger, plan);
  return ledger;
}

}  // namespace quadrant
