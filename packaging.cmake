# What is installed where, and the Debian package (tools/package). The program itself prints manual
# pages and completions, from its table of commands.
include(GNUInstallDirs)

set(manual_dir ${CMAKE_BINARY_DIR}/manual)
set(commands run bench verify advise explain stages probe sample schema plan merge submit status clean unit completion)
add_custom_command(OUTPUT ${manual_dir}/quadrant.1
  COMMAND ${CMAKE_COMMAND} -E make_directory ${manual_dir}
  COMMAND quadrant manual > ${manual_dir}/quadrant.1
  DEPENDS quadrant)
set(manual_pages ${manual_dir}/quadrant.1)
foreach(command IN LISTS commands)
  add_custom_command(OUTPUT ${manual_dir}/quadrant-${command}.1
    COMMAND quadrant manual ${command} > ${manual_dir}/quadrant-${command}.1
    DEPENDS quadrant ${manual_dir}/quadrant.1)
  list(APPEND manual_pages ${manual_dir}/quadrant-${command}.1)
endforeach()
set(completions ${manual_dir}/quadrant.bash ${manual_dir}/_quadrant ${manual_dir}/quadrant.fish)
add_custom_command(OUTPUT ${completions}
  COMMAND quadrant completion bash > ${manual_dir}/quadrant.bash
  COMMAND quadrant completion zsh > ${manual_dir}/_quadrant
  COMMAND quadrant completion fish > ${manual_dir}/quadrant.fish
  DEPENDS quadrant ${manual_dir}/quadrant.1)
add_custom_target(manual ALL DEPENDS ${manual_pages} ${completions})

install(TARGETS quadrant RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${manual_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${manual_dir}/quadrant.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME quadrant)
install(FILES ${manual_dir}/_quadrant DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${manual_dir}/quadrant.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES tools/python/quadrant.py DESTINATION lib/python3/dist-packages)  # `import quadrant` in scripts that run alone
# Laid out as in the sources, so that links between pages, and from a job to its schema, work.
install(FILES README.md CHANGELOG.md ARCHITECTURE.md CONTRIBUTING.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs configs data DESTINATION ${CMAKE_INSTALL_DOCDIR})

string(REGEX MATCH "^[0-9]+" libavdevice_major "${LIBAVDEVICE_VERSION}")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME quadrant)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The Quadrant maintainers <quadrant@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "runs YAML pipelines over video and images on all cores")
set(CPACK_PACKAGE_DESCRIPTION "Quadrant decodes and encodes with FFmpeg's libraries, processes frames with OpenCV and FFmpeg's filters,
and runs one job in five execution modes, with byte-identical output. A stopped run resumes.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION video)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS libavdevice${libavdevice_major})  # loaded at run time, so no tool detects it
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "python3, python3-numpy")  # for the stage `python`
include(CPack)
