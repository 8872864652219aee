; The Windows installer, for one user and without administrator's rights.
;   makensis -DVERSION=0.1.0 -DPROGRAMS=folder-of-the-programs -DOUT=breeze-setup.exe packaging/windows/breeze.nsi

!ifndef VERSION | PROGRAMS | OUT
  !error "say -DVERSION=, -DPROGRAMS= and -DOUT="
!endif

Unicode true
!include "MUI2.nsh"

Name "Breeze"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Breeze"
InstallDirRegKey HKCU "Software\Breeze" "InstallDir"
SetCompressor /SOLID lzma

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Breeze"
!define MUI_ICON "..\..\assets\breeze.ico"
!define MUI_UNICON "..\..\assets\breeze.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\breeze.exe"

!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Breeze"
VIAddVersionKey "FileDescription" "Breeze"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "The Breeze IM contributors, MIT or Apache 2.0"

Section "Breeze"
  SetOutPath "$INSTDIR"
  File "${PROGRAMS}\breeze.exe"
  ; The server that the app starts lies beside it.
  File "${PROGRAMS}\breeze-server.exe"
  File "..\..\assets\breeze.ico"
  File "..\..\LICENSE-MIT"
  File "..\..\LICENSE-APACHE"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Breeze.lnk" "$INSTDIR\breeze.exe" "" "$INSTDIR\breeze.ico"

  WriteRegStr HKCU "Software\Breeze" "InstallDir" "$INSTDIR"
  ; Links that begin with breeze:// open here.
  WriteRegStr HKCU "Software\Classes\breeze" "" "URL:Breeze invitation"
  WriteRegStr HKCU "Software\Classes\breeze" "URL Protocol" ""
  WriteRegStr HKCU "Software\Classes\breeze\DefaultIcon" "" "$INSTDIR\breeze.ico"
  WriteRegStr HKCU "Software\Classes\breeze\shell\open\command" "" '"$INSTDIR\breeze.exe" "%1"'

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Breeze"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\breeze.ico"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Breeze IM contributors"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

; Chats and settings lie elsewhere and stay.
Section "Uninstall"
  Delete "$INSTDIR\breeze.exe"
  Delete "$INSTDIR\breeze-server.exe"
  Delete "$INSTDIR\breeze.ico"
  Delete "$INSTDIR\LICENSE-MIT"
  Delete "$INSTDIR\LICENSE-APACHE"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Breeze.lnk"
  DeleteRegKey HKCU "Software\Classes\breeze"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\Breeze"
SectionEnd
