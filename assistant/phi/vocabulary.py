"""Words written down by hand: what is never a name, and what betrays a place.

Kept apart from the packaged word lists (`lexicon`) because these few decide the hard cases: eponyms that are also surnames,
procedures and devices called after people, payers and programmes, trials, scores, scales, and the function words that census
surname lists hold ("He", "Can", "Will"). Written for this project from general knowledge of the field; no list was copied.
"""

from __future__ import annotations

__all__ = [
    "BRANDS",
    "COMMON_NAMES",
    "COUNTRIES",
    "CREDENTIALS",
    "EPONYMS",
    "EPONYM_HEADS",
    "FUNCTION_WORDS",
    "GENERIC_FACILITY",
    "GIVEN_TOO",
    "HEALTH_SYSTEMS",
    "KIN",
    "MONTHS",
    "PAYERS",
    "STATES",
    "STATE_CODES",
    "SURNAMES_TOO",
    "TITLES",
    "TRADE_WORDS",
    "WELL_KNOWN_CITIES",
    "words",
]


def words(text: str) -> frozenset[str]:
    """Return the words of the text as a set."""
    return frozenset(text.split())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())


FUNCTION_WORDS = words("""
a about above across after afterwards again against ago all almost along already also although always am among an and another any
anybody anyone anything are around as at away back be became because become been before behind being below beneath beside besides
better between beyond both bring but by call can cannot could did do does doing done down due during each either else enough etc even
ever every everyone everything except few first for former from further gave get give given go goes going gone got had has have having
he hello her here hereby hers herself hi him himself his how however i if in indeed instead into is it its itself just keep kept last
later latter least less let like likely made make makes many may maybe me meanwhile might mine more moreover most mostly much must my
myself near need neither never nevertheless next no nobody none nor not nothing now of off often ok okay on once one only onto or other
others otherwise our ours ourselves out over own per perhaps please put quite rather re really same say says see seem seen several shall
she should since so some somebody someone something still such take taken than thank thanks that the their theirs them themselves then
there thereafter therefore these they thing this those though through throughout thru thus till to today together tomorrow tonight too
toward towards two three four five six seven eight nine ten under unless until up upon us use used using usual usually very via want was
we well were what whatever when whence whenever where whereas wherever whether which while who whoever whole whom whose why will with
within without would yes yesterday yet you your yours yourself im ive dont doesnt didnt isnt wasnt cant wont id ill lets
""")

MONTHS = words("""
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
spring summer autumn fall winter christmas easter thanksgiving halloween
""")

TRADE_WORDS = words("""
abdomen abuse account acute add addendum admission admit admitted adult age allergies allergy ambulatory anesthesia anterior append
approach appointment assessment assistant attending audit authorization balance baseline bedside benefit bilateral bill billed biller
billing biopsy bleeding blood board body branch bundle bundled bundling cardiac cardiology care carrier case category charge charges
chart check chief child chronic claim claims clinic clinical code coded coder coders codes coding coinsurance colonoscopy column comment
complaint complete compliance component comprehensive concern condition confirm consult consultation contact contraindication
contrast copay correct could coverage covered critical current daily date dates daughter day days death deductible denial denied denies
denying denial department dermatology description diabetes diabetic diagnoses diagnosis diagnostic diet discharge discharged disease
disposition doctor document documentation documented does dose drug edit edits effective emergency employer encounter endoscopy
epic episode er ed established eval evaluate evaluation event exam examination excision experience exploratory explanation eye
facility faculty family father fee female fever file filed findings finding follow followup form fracture general global group
guarantor guideline guidelines gynecology health healthcare hematology hernia history home hospital hospice hpi husband hypertension
imaging impression independent indication indicator infusion initial injection inpatient insurance insured intake interpretation
interval issue knee lab laboratory labs lateral left lesion lesions letter level life line lines list local location lower male
manager management mass medial medicaid medical medicare medication medications medicine member memo mental message method mild
minor minute minutes moderate modifier modifiers month months mother mri multiple name neck negative nephrology neurology neuro new
newborn note notes number nurse nursing objective observation obstetrics occurrence office oncology operation operative ophthalmology
option options order ordered ordering orders orthopaedic orthopedic orthopedics outpatient pain panel parent part past patient patients
payer payers payor pediatric pediatrics perform performed performing person phone physical physician placed place plan plastic policy
position positive post posterior practice practitioner preop preoperative postop postoperative prescribed prescription present
presenting presents previous primary principal prior priority private procedure procedures professional prognosis progress prophylaxis
protocol provider providers psychiatry psychology pulmonary pulmonology quantity query question quick radiology rate rationale reason
received recheck recommendation recommendations recommended record records recurrent referral referred referring rehab related release
removal removed renal rendering repair repeat report reported reporting request required resection resident resolved response result
results retro return review reviewed revision right risk risks robotic room routine rule same sample scan schedule scheduled screening
secondary section seen separate service services session severe short sick side sign signature signed significant single sister
sleep social son specialist specialty specimen stable staff stage standard statement status subject subjective submit submitted
subscriber subsequent summary supervising surgeon surgery surgical suspected swelling symptoms system systems teaching team test
tests therapy time tobacco today total transfer trauma treated treating treatment triage trial type ultrasound underwent unit units
unknown unlisted unspecified update updated upper urgent urgent urology use vaccine vendor verify version visit visits vital vitals
vs ward week weeks weight wife woman work worker workers wound xray year years yo yof yom young
effectiveness effect effects efficacy best considering current differential latest what which safe safety side standard therapeutic
comparison compare criteria dosing dosage dose treatments survival indications interactions interaction rx tx hx dx sx pt pts mgmt
regarding per re subject attn attention dear sincerely regards thank hello hi greetings hey
white black asian hispanic latino african american caucasian native hawaiian pacific islander european indian mexican chinese
english spanish french german italian russian japanese korean vietnamese arabic jewish muslim christian catholic
united states usa america federal state county national north south east west northern southern eastern western central
northeast northwest southeast southwest
allergist cardiologist endocrinologist neurologist oncologist radiologist surgeon dermatologist urologist nephrologist hospitalist
pathologist anesthesiologist pediatrician psychiatrist psychologist gynecologist obstetrician ophthalmologist podiatrist dentist
chiropractor therapist technician scribe dietitian pharmacist midwife
bundles unbundle unbundled unbundling upcode upcoded downcode downcoded overcoded superbill remit remittance clearinghouse takeback
recoup recoupment refile rebill resubmit appeal appealed appeals write writeoff adjudicated adjudication
medicare medicaid advantage tricare champus chip obamacare marketplace exchange
portal email fax cell mobile text voicemail website
""")

EPONYMS = words("""
abbe achilles addison adie albright alport alzheimer alzheimers ann apgar arnold asherman asperger baker bankart barlow barrett bartholin
bartter basedow becker behcet bell bence bennett berger bernard beckwith billroth bishop blalock boerhaave bosniak bouchard bouveret
bowen boyle braden bravo breslow bright brodie brown-sequard brudzinski brugada buerger burch burkitt caldwell cajal capgras caroli
castleman celestin chaddock chagas charcot charlson chiari child-pugh chvostek clark cobb colles conn coombs cooper courvoisier cowden
cowper creutzfeldt crohn crohns crouzon cullen cushing cushings dandy darier dejerine denis derry dobhoff doppler down downs dressler
duane dubin duchenne dupuytren duke dukes dressler ebstein edward edwards ehlers danlos eisenmenger epstein erb evans ewing fabry
fallot fanconi felty fenton fogarty foley fontan fournier framingham frey friedreich froment galeazzi gardner garland gaucher
gehrig gilbert gilles glasgow gleason glenn goodpasture gottron graves greenfield grey grave guillain barre gustilo hageman haglund
hallervorden hamilton hamman hansen hartmann hashimoto hartnup heberden hegar heimlich heller henoch schonlein hickman hill-sachs
hirschsprung hodgkin hodgkins hoffman hoffmann holmes holter homan homans horner horton howell hunt hunter huntington huntingtons hurler
hutchinson isaacs jacksonian jakob jefferson jones kaposi kartagener kawasaki kegel keller kehr kernig kienbock killian kleinfelter
klinefelter klippel feil kocher koch koplik korsakoff krukenberg kuntscher kussmaul lachman lambert eaton langerhans lasegue leopold
leriche lesch lewy lichtenstein linton lisfranc littre lou ludwig lugol lyme lynch maddrey maisonneuve mallory weiss marfan marjolin
mcburney mcmurray meckel meige meigs meniere menieres merkel mikulicz miller milroy mitrofanoff mobitz mohs monro monteggia montgomery
morel morgagni morton moya munchausen murphy nissen noonan norwood ober ogilvie osgood osler otto paget paget's palmer pancoast papanicolaou
parkinson parkinsons parks patau patrick payr pearson pel perthes peutz peyronie peyronies pfannenstiel phalen pick pierre plummer poland
pompe potter pott potts prader prinzmetal prinz quervain quincke ramsay ramstedt ranson raynaud raynauds reed reiter reye rhombberg rinne
robin rolando romberg rorschach roth rotor roux rovsing rubin ruffini russell sachs salter sanfilippo schatzki scheuermann schirmer
schlatter schmorl schwann sengstaken sever seton sezary sheehan shirodkar silver simmonds sims sjogren sjogrens sjögren skene smith
snellen spurling starling steinert stevens still stokes strumpell sturge sudeck swan ganz swyer sydenham takayasu takotsubo tay
tenckhoff thiersch thomas thomsen tietze tinel tinetti todd tourette towne trendelenburg treacher trousseau turcot turner tzanck
valsalva vater venturi virchow volkmann von waldenstrom wallenberg warthin weber wegener wells wernicke wertheim westergren westphal
whipple whipples widal wiggers willebrand williams wilms wilson wilsons wiskott wolff wood woods yankauer zenker zollinger ellison
ziehl neelsen gram papanicolaou wright giemsa prussian karnofsky ecog morse norton katz lawton beck zung conners vineland
bruder thompson finkelstein hawkins neer speed yergason lhermitte babinski hoover jendrassik gowers weber rinne dix hallpike epley
semont allen buerger perthes bishop ballard silverman chadwick hegar goodell bristol wong rankin barthel braden waterlow
ishihara amsler goldmann humphrey tanner denver bayley wechsler stanford binet hachinski hoehn yahr kurtzke mallampati cormack lehane
aldrete parkland rumack ranson glasgow blatchford forrest rockall maddrey meld wagner rutherford fontaine leriche crawford debakey
stanford burch mcdonald marshall marchetti krantz manchester mccall lefort leforte kasai duhamel swenson soave ladd ross jatene rastelli mustard
senning damus kaye stansel bentall david yacoub dor batista maze cox ivor mckeown akiyama bassini shouldice mcvay rives stoppa
puestow frey beger child heineke finney jaboulay hofmeister polya witzel stamm janeway hartmann miles soave altemeier delorme
ripstein wells lord ferguson milligan morgan whitehead longo roeder veress hasson bakes kelly kocher allis babcock bovie weitlaner
penrose jackson pratt blake foley malecot pezzer robinson tiemann coude councill hickman broviac groshong quinton mahurkar ash
dobbhoff sengstaken blakemore minnesota ewald levin salem kirschner steinmann rush enders kuntscher ilizarov hoffmann taylor charnley
austin moore thompson girdlestone keller mcbride chevron scarf akin lapidus evans dwyer bristow latarjet putti platt weaver dunn
brostrom watson jones strayer baumann vulpius silfverskiold
""")

EPONYM_HEADS = words("""
agenesis amputation anastomosis anemia anesthesia aneurysm angina angle anomaly aphasia approach arc arch arthroplasty artery ataxia atrophy bag ball balloon band bands
biopsy block blue body bodies bone brace bypass calculator cancer canal carcinoma cast cataract catheter cell cells chorea chromosome cirrhosis
class classification clamp closure coefficient collar complex contracture correction criteria crisis curve cyst dance deformity degeneration
dementia diagram dilation dilator disease disorder drain drainage drill duct dwarfism dysplasia dystrophy edema elevator
encephalitis encephalopathy epilepsy equation esophagus excision exercises exercise facies factor fasciotomy feeding filter fistula fixation
flap forceps formula fossa fracture fundoplication fusion gangrene gauze gene gland glands grade grades graft groups hernia hook
hypotension illness implant incision index infarction infusion injection insufficiency joint kidney lamp law lens lesion line lines
lipodystrophy loop lymphoma maneuver manoeuvre manometer macula mass melanoma membrane metaplasia method micrographic migraine monitor
muscle murmur myopathy needle neoplasm nephrosis neuralgia neuropathy nodes nodule nodules operation osteotomy osteodystrophy palsy paralysis
parasite patch pathway phenomenon plate point pouch pressure procedure procedures protein psychosis pulse pupil purpura reaction
reconstruction reflex reflux regimen repair resection respiration response retractor retinopathy ring ring rod rods rule sarcoma scale
score scoring scan screw seizure seizures shunt sign signs sinus sling solution sores space speculum spasm sphincter spirochete splint spot spots spur stage
stain staging stapler stent stimulator stitch stroke study suction surgery suture suspension swab syndrome syndromes system tear technique tendon
test testing tests thyroiditis toe tonometer tooth trait trial trials tube tumor tumour tremor triad triangle ulcer ulcers unit ureter valve
vein vertigo virus wave web wire wires wound x-ray
""")

BRANDS = words("""
abilify accutane actos adderall advair advil aflac aimovig aircast albuterol aleve allegra allergan alvesco aveeno excedrin coricidin wixela inhub vicks vick icy vanicream microgestin phexxi zarbee ambien anoro apple aricept arthrex aspirin ativan
augmentin avastin azithro bactrim bariatric benadryl benlysta bextra biktarvy biofreeze bimzelx botox brilinta bumex buspar bydureon
cardizem celebrex celexa cerner cetaphil chantix cialis cimzia cipro claritin clozaril colace combivent concerta copaxone coreg cosentyx
coumadin cozaar crestor cubicin cymbalta dapsone darvocet decadron depakote depo desyrel dexcom dilantin dilaudid diovan doxil dulera dupixent
durolane eclinicalworks effexor eligard eliquis emgality enbrel enfamil ensure entresto entyvio epclusa epic epipen erbitux euflexxa eylea
farxiga fasenra femara fentanyl fitbit flagyl flexeril flomax flonase flovent forteo fosamax freestyle gardasil gelsyn genentech gilenya gleevec
glucophage glucotrol haldol harvoni herceptin humalog humira humulin hyalgan hydrocodone ibrance imitrex imodium imuran inderal
infliximab injectafer inlyta insulin invega invokana irwin januvia jardiance jublia kadcyla keflex kenalog keppra kesimpta keytruda
klonopin lamictal lantus lasix latuda leqvio levaquin levemir levitra levothyroxine lexapro libre linzess lipitor lisinopril livalo
lodine lopressor lortab lovenox lucentis lunesta lupron lyrica macrobid maxalt medrol medtronic mepolizumab metamucil metformin miralax
mirena mobic monovisc motrin mounjaro mucinex myrbetriq naprosyn narcan nasonex neosporin neulasta neurontin nexium nexplanon norco
normodyne norvasc novolin novolog nucala nuplazid ocrevus omnicell onpattro opdivo orencia orthovisc otezla oxycontin ozempic
paxlovid paxil pembrolizumab pepcid percocet perjeta phenergan plaquenil plavix plavix pradaxa pravachol prednisone premarin prevacid
prevagen prevnar prilosec prinivil pristiq procrit prolia propecia protonix provigil prozac pulmicort qulipta remeron remicade
repatha restasis restylane retacrit retin revlimid rexulti rinvoq risperdal ritalin rituxan robaxin rocephin rozerem rybelsus
samsca sandostatin seroquel shingrix siemens simponi singulair skyrizi soliris solumedrol soma spinraza spiriva spravato stelara
stryker suboxone sudafed supartz symbicort symproic synthroid synvisc tagrisso taltz tamiflu tecentriq tegretol tenormin testopel
theraband thera tivicay toprol toradol tradjenta tremfya trelegy trintellix trulicity truvada tums tylenol ubrelvy ultram ultomiris valium
valtrex vancomycin vasotec venofer ventolin verzenio viagra vicodin victoza vidaza viibryd vimpat vioxx vivitrol voltaren vraylar vyvanse
wegovy welchol wellbutrin xanax xarelto xeljanz xeomin xgeva xiaflex xifaxan xolair xtandi xyzal yervoy zantac zepbound zestril zetia zithromax
zocor zofran zoladex zoloft zolpidem zometa zosyn zovirax zyprexa zyrtec zytiga abrysvo arexvy comirnaty spikevax novavax moderna pfizer
gustoz ascend gusto allhat dapa-hf dapa sprint emperor paradigm dash kdigo nice nccn chads chads2 chadsvasc cha2ds2 hasbled has-bled wells heart
google microsoft excel word outlook zoom teams openai chatgpt claude copilot optum availity waystar kareo athena athenahealth nextgen allscripts
aetna cigna humana anthem umr centene molina wellcare ambetter highmark carefirst geisinger bcbs optum kaiser tricare champva medica evernorth meditech encoder findacode codify supercoder palmetto noridian novitas ngs wps cgs fcso
""")

PAYERS = _lines("""
Blue Cross Blue Shield
Blue Cross and Blue Shield
Blue Cross
Blue Shield
Anthem
Aetna
Cigna
Humana
UnitedHealthcare
United Healthcare
UnitedHealth
United Health Care
Optum
UMR
Centene
Molina
WellCare
Ambetter
Oscar Health
Oscar
Kaiser Permanente
Health Net
HealthNet
Highmark
CareFirst
Empire BCBS
Horizon BCBS
Florida Blue
Independence Blue Cross
BCBS
Tricare
Champva
Medi-Cal
Medicaid
Medicare
Medicare Advantage
Railroad Medicare
Part A
Part B
Workers Compensation
Workers Comp
Noridian
Palmetto GBA
Novitas
First Coast
National Government Services
Wisconsin Physicians Service
WPS
CGS
Bright Health
Clover Health
Devoted Health
Harvard Pilgrim
Tufts Health Plan
Health Care Service Corporation
Geisinger Health Plan
Priority Health
Medica
HealthPartners
State Farm
Allstate
Geico
Progressive
Liberty Mutual
Travelers
Magellan
Beacon
Evernorth
""")

HEALTH_SYSTEMS = _lines("""
Allina Health
Ascension
Advocate Aurora
AdventHealth
Atrium Health
Banner Health
Baylor Scott & White
Baylor Scott and White
Baylor
Beaumont
Bellevue
Beth Israel Deaconess
Beth Israel
Brigham and Women's
Brigham & Women's
Brigham
Bumrungrad
Cedars-Sinai
Cedars Sinai
Cedar-Sinai
Cedar Sinai
Charite
Chicago Med
Chicago General
City of Hope
Cleveland Clinic
Clevland Clinic
Columbia Presbyterian
CommonSpirit
Cook County Hospital
Dana-Farber
Dana Farber
Dignity Health
Duke University
Duke
Emory
Fred Hutch
Fred Hutchinson
Froedtert
Geisinger
Georgetown University
Georgetown Med
Grady Memorial
Hackensack Meridian
Harborview
Henry Ford
Hopkins
Houston Methodist
HSS
Inova
Intermountain
Jackson Memorial
Jefferson Health
John Hopkins
Johns Hopkins
JPS
Kaiser
LAC+USC
Lahey
Loma Linda
Loyola
Maimonides
Mass General
Massachusetts General
Mass Gen
Mayo Clinic
Mayo
MD Anderson
MedStar
Memorial Hermann
Memorial Sloan Kettering
Memorial Sloan-Kettering
Methodist
MGH
Montefiore
Mount Sinai
Mt. Sinai
Mt Sinai
MSKCC
Nationwide Children's
NewYork-Presbyterian
New York Presbyterian
New York-Presbyterian
NY Presbyterian
NY-Presbyterian
Northwell
Northwestern
Northwestern Memorial
Northwestern Medicine
Novant
NYU Langone
NYU
Ochsner
OHSU
Parkland
Penn Medicine
Presbyterian
ProMedica
Providence
Rush
Scripps
Seattle Children's
Sharp
Sloan Kettering
Sloan-Kettering
Spectrum Health
Stanford
Stanford Med
Sutter
Swedish
Tampa General
Temple
Texas Children's
Trinity Health
Tufts
UAB
UC Davis
UC Irvine
UCSD
UCLA
UCSF
UCI
UChicago
UIC
UMass Memorial
UNC
UPenn
UPMC
USC
UT Southwestern
UTMB
UVA
UW Medicine
Vanderbilt
VCU
WakeMed
Weill Cornell
Westside Medical
Yale
Yale New Haven
Zuckerberg San Francisco General
""")


GENERIC_FACILITY = words("""
a an the our your his her their this that any each every another other same outside local nearest nearby community primary urgent walk-in
pain wound sleep eye heart spine cancer stroke trauma burn women's womens men's children's childrens child pediatric pediatrics family
adult senior veterans general internal acute subacute post-acute long-term skilled assisted outpatient inpatient ambulatory surgical
surgery medical med mental behavioral public home community private academic teaching rural critical access county state federal
national university hospital clinic health care center emergency urgent free-standing freestanding provider-based physician physicians
physician's doctor doctors doctor's office group practice specialty multispecialty single-specialty rehab rehabilitation
nursing hospice dialysis infusion imaging radiology diagnostic testing cardiac cardiology cardiovascular pulmonary renal nephrology
neurology neurosurgery oncology hematology dermatology orthopedic orthopedics orthopaedic orthopaedics ophthalmology urology gynecology obstetrics ob
ob/gyn obgyn ent gi gastroenterology endoscopy endocrinology rheumatology allergy immunology infectious disease psychiatry psychiatric
psychology podiatry dental vascular plastic colorectal bariatric transplant diabetes diabetic fertility prenatal postnatal anticoagulation coumadin
vaccine vaccination travel std sexual vein lipid memory movement disorder headache weight loss hand foot ankle knee shoulder sports
physical occupational speech respiratory therapy laboratory lab independent reference federally qualified indian service military
treatment observation intensive coronary step-down recovery operating delivery labor birthing sleep multi specialist specialists
medicare medicaid tricare what which is does can in for at to of and or if when new old established
""")

KIN = words("""
wife husband spouse partner son daughter mother father mom dad mum mommy daddy brother sister sibling aunt uncle niece nephew cousin
grandmother grandfather grandma grandpa granddaughter grandson grandchild stepmother stepfather stepson stepdaughter fiance fiancee
girlfriend boyfriend guardian caregiver caretaker roommate neighbor neighbour friend twin baby infant newborn son-in-law daughter-in-law
mother-in-law father-in-law brother-in-law sister-in-law parent ex-wife ex-husband widow widower
""")

SURNAMES_TOO = words("""
white black brown green gray grey young long short small day may march price case page grant stone west north east south rice bush fields banks
reed cook best church bell english french lane early hall wood woods ward moody little sharp rich wise noble law park parks hill wells
burns cross head love power powers sample strong stout swift bright bishop dean duke earl knight king prince pope abbott baker
barber brewer butler carpenter carter clark cooper farmer fisher fletcher fowler gardner glover hunter mason miller porter potter sawyer shepherd
skinner smith taylor turner walker weaver home doctor major nurse hand foot beard bone chin pain payne blood cutter tanner rush child
childs kidd person neighbors winter winters summers spring fall monday friday light field ford forest frost snow rose berry bird fox
wolf lamb drake finch hawk crane swan pike bass ray rivers lake brooks pool flood waters golden silver diamond gold coward mild
savage self speaker street temple tree vance waiters ware weeks word words workman york indian ireland england london paris
holland french german welsh scott dates rooney first last clay sandoval washington ireland holland ng oh le vo do yi yu wu xu hu li lu ma ye ho ko su ha an pak cash bills check charge records record means
""")
"""Words of the language that are also ordinary surnames: a name after a well-known given name."""

GIVEN_TOO = words(
    "april may june summer autumn august will mark rose hope grace faith joy chase dale grant bill art gene rich pat frank earl dean guy jean drew sky storm winter dawn daisy lily ivy ruby pearl amber crystal destiny"
)
"""Words of the language and the calendar that are also given names: a name after a title, a relative or before a surname."""

TITLES = words(
    "dr doctor mr mrs ms miss mx prof professor sir madam rev reverend fr sr dra sra srta señor señora judge capt captain sgt lt maj col"
)

CREDENTIALS = words("""
md do rn np pa pa-c pac dpm dds dmd od pharmd phd psyd lcsw lpc lmft crna cnm lpn lvn bsn msn dnp fnp fnp-c fnp-bc aprn arnp cns ma cma
cpc cpc-a coc ccs ccs-p rhia rhit cpma crc dpt pt ot otr slp rd ldn facs facp faap facc faaos mph mba msw mbbs mbchb frcs jr sr ii iii iv
""")

COMMON_NAMES = words("""
mary james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald steven paul
andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin
scott brandon benjamin samuel gregory frank alexander raymond patrick jack dennis jerry tyler aaron jose adam henry nathan douglas zachary
peter kyle walter ethan jeremy harold keith christian roger noah gerald carl terry sean austin arthur lawrence jesse dylan bryan joe jordan
billy bruce albert willie gabriel logan alan juan wayne roy ralph randy eugene vincent russell elijah louis bobby philip johnny
patricia jennifer linda elizabeth barbara susan jessica sarah karen nancy lisa betty margaret sandra ashley kimberly emily donna michelle
dorothy carol amanda melissa deborah stephanie rebecca sharon laura cynthia kathleen amy shirley angela helen anna brenda pamela nicole
emma samantha katherine christine debra rachel catherine carolyn janet ruth maria heather diane virginia julie joyce victoria olivia kelly
christina lauren joan evelyn judith megan cheryl andrea hannah martha jacqueline frances gloria ann teresa kathryn sara janice jean alice
madison doris abigail julia judy grace denise amber marilyn beverly danielle theresa sophia marie diana brittany natalie isabella charlotte
rose alexis kayla jane lily ellen anne sally lynn tom jim bob bill mike steve dave dan matt chris tony ken ed ron tim jeff greg sam alex
pat ray ben nick fred kate katie liz beth sue jen jenny becky debbie kathy cindy pam nina mia zoe eva ana luis carlos miguel jorge
pedro rosa carmen elena sofia wei mei ming li jin raj priya amit anil sunita fatima earl dolores mabel otis yolanda desmond winifred harriet clyde leonard roberta gwendolyn percy estelle vernon imogen ingrid beatriz
rashad lorraine marjorie norma irene edith ida pearl hazel gladys ethel thelma bernice agnes opal viola lillian florence ella clara eleanor
josephine marion lucille geraldine bessie minnie bertha myrtle elsie maxine wilma velma vivian stella sylvia rita regina yvonne loretta jeanette
annette antoinette priscilla constance bonnie connie peggy sherry sheila glenda glenn gwen wanda rhonda tonya tanya latoya keisha tamika
ebony jasmine destiny aaliyah brianna kiara madeline hailey kaylee savannah sydney paige morgan claire audrey lucy nora penelope aurora
luna layla ellie leah riley zoey naomi caroline genesis kennedy ruby sadie eliana lydia isla vera iris sienna
lester floyd herman melvin clifford cecil chester milton norman stanley leroy alvin elmer edgar homer wallace sidney marvin cedric darnell
tyrone jamal jermaine lamar terrence reginald cornelius maurice marcus malcolm curtis calvin duane dwayne wendell rodney dwight gordon herbert
harvey hubert irving julius kurt lloyd luther manuel marshall mario mitchell nelson oscar owen perry ricardo roberto ross rufus salvador
sergio seth shane shawn spencer stuart ted theodore toby todd travis trevor troy victor virgil warren wesley wilbur willis
liam mason oliver aiden lucas caleb hunter connor isaac landon gavin chase cole evan ian julian max miles wyatt xavier
francisco alejandro fernando javier raul ramon hector enrique armando arturo alfredo gerardo guillermo gustavo hugo ignacio julio marco
miguelangel rafael rodrigo ruben santiago sebastian vicente esteban felipe emilio ernesto eduardo guadalupe alicia esperanza graciela josefina
juana leticia lourdes lucia luz margarita mercedes pilar raquel rocio silvia teresa veronica yesenia georgia chad israel carolina
omar ali ahmed mohammed muhammad hassan yusuf aisha
""")

STATE_CODES = words("""
AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT
VA WA WV WI WY DC PR GU VI AS MP
""")

STATES = _lines("""
Alabama
Alaska
Arizona
Arkansas
California
Colorado
Connecticut
Delaware
Florida
Georgia
Hawaii
Idaho
Illinois
Indiana
Iowa
Kansas
Kentucky
Louisiana
Maine
Maryland
Massachusetts
Michigan
Minnesota
Mississippi
Missouri
Montana
Nebraska
Nevada
New Hampshire
New Jersey
New Mexico
New York
North Carolina
North Dakota
Ohio
Oklahoma
Oregon
Pennsylvania
Rhode Island
South Carolina
South Dakota
Tennessee
Texas
Utah
Vermont
Virginia
Washington
West Virginia
Wisconsin
Wyoming
District of Columbia
Puerto Rico
Guam
""")

WELL_KNOWN_CITIES = _lines("""
New York City
NYC
the Bronx
LA
SF
DC
Los Angeles
Brooklyn
Queens
Bronx
Manhattan
Staten Island
Westchester
Long Island
Silicon Valley
Bay Area
Twin Cities
Orange County
South Side
St. Louis
St Louis
Saint Louis
St. Paul
St. Petersburg
Ft. Worth
Ft. Lauderdale
London
Toronto
Paris
Mumbai
Manila
Lagos
Tijuana
Mexico City
""")

COUNTRIES = words("""
afghanistan albania algeria argentina australia austria bangladesh belgium bolivia brazil bulgaria cambodia cameroon canada chile china colombia
cuba cyprus denmark ecuador egypt england eritrea ethiopia finland france germany ghana greece greenland guatemala haiti honduras hungary iceland
india indonesia iran iraq ireland israel italy jamaica japan jordan kenya korea kuwait laos latvia lebanon liberia libya lithuania malaysia mexico
morocco nepal netherlands nicaragua nigeria norway pakistan panama peru philippines poland portugal romania russia rwanda scotland senegal serbia
singapore slovakia slovenia somalia spain sudan sweden switzerland syria taiwan tanzania thailand tunisia turkey uganda ukraine uruguay venezuela
vietnam wales yemen zambia zimbabwe america africa asia europe usa us uk
""")
